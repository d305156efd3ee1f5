//! Messages in the encoding of Protocol Buffers, as far as an ONNX file needs it.
//!
//! # Source
//!
//! <https://protobuf.dev/programming-guides/encoding/>: a field is its number and type in one
//! variable-length integer, then its value. The length precedes texts, bytes and messages.

/// A message that is being encoded.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    /// Adds a field with a whole number.
    pub fn whole(mut self, field: u32, value: u64) -> Self {
        self.push_varint(u64::from(field) << 3);
        self.push_varint(value);
        self
    }

    /// Adds a field of bytes or text.
    pub fn bytes(mut self, field: u32, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.push_varint((u64::from(field) << 3) | 2);
        self.push_varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    /// Adds a field with a message.
    pub fn message(self, field: u32, message: Self) -> Self {
        self.bytes(field, message.0)
    }

    /// Adds a repeated field of messages.
    pub fn messages(self, field: u32, messages: impl IntoIterator<Item = Self>) -> Self {
        messages.into_iter().fold(self, |all, one| all.message(field, one))
    }

    /// Returns the encoded bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn push_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_encoded_as_in_the_examples_of_the_specification() {
        assert_eq!(Message::default().whole(1, 150).into_bytes(), [0x08, 0x96, 0x01]);
        let text = Message::default().bytes(2, "testing").into_bytes();
        assert_eq!(text, [&[0x12, 0x07][..], b"testing"].concat());
        let inner = Message::default().whole(1, 150);
        let outer = Message::default().message(3, inner).into_bytes();
        assert_eq!(outer, [0x1a, 0x03, 0x08, 0x96, 0x01]);
    }
}
