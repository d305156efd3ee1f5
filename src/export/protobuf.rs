//! Messages in the encoding of Protocol Buffers, as far as an ONNX file needs it.
//!
//! # Source
//!
//! <https://protobuf.dev/programming-guides/encoding/>: a field is its number and type in one
//! variable-length integer, then its value; texts, bytes and messages have their length in front.

/// A message that is being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    /// Adds a whole number.
    pub fn whole(mut self, field: u32, value: u64) -> Self {
        self.variable(u64::from(field) << 3);
        self.variable(value);
        self
    }

    /// Adds bytes, or a text.
    pub fn bytes(mut self, field: u32, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.variable((u64::from(field) << 3) | 2);
        self.variable(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    /// Adds a message.
    pub fn message(self, field: u32, message: Self) -> Self {
        self.bytes(field, message.0)
    }

    /// Adds several messages under one number.
    pub fn messages(self, field: u32, messages: impl IntoIterator<Item = Self>) -> Self {
        messages.into_iter().fold(self, |all, one| all.message(field, one))
    }

    /// The bytes.
    pub fn done(self) -> Vec<u8> {
        self.0
    }

    fn variable(&mut self, mut value: u64) {
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
    fn fields_are_those_of_the_examples_of_the_specification() {
        assert_eq!(Message::default().whole(1, 150).done(), [0x08, 0x96, 0x01]);
        let text = Message::default().bytes(2, "testing").done();
        assert_eq!(text, [&[0x12, 0x07][..], b"testing"].concat());
        let inner = Message::default().whole(1, 150);
        let outer = Message::default().message(3, inner).done();
        assert_eq!(outer, [0x1a, 0x03, 0x08, 0x96, 0x01]);
    }
}
