//! Tests of tensor files: they are reproducible, and damage is detected.

use deme::tensor_file::TensorFile;

fn example() -> TensorFile {
    let mut packed = TensorFile::default();
    for key in ["task", "a", "zeta", "network", "\"checksum\":\"ffffffff\""] {
        packed.set_metadata(key, format!("the value of {key}"));
    }
    packed.add_f32("weights", vec![2, 2], &[0.5, -0.5, 1e-30, f32::MAX]);
    packed.add_f64("means", &[0.1, 0.2]);
    packed.add_bytes("state", (0..=255).collect());
    packed
}

#[test]
fn a_file_is_read_back_and_has_reproducible_bytes() {
    let bytes = example().bytes().expect("a file");
    for _ in 0..20 {
        assert_eq!(bytes, example().bytes().expect("a file"));
    }
    let read = TensorFile::parse(&bytes).expect("what was written");
    assert_eq!(read.metadata("zeta"), Some("the value of zeta"));
    assert_eq!(read.expect_f32("weights"), Ok(vec![0.5, -0.5, 1e-30, f32::MAX]));
    assert_eq!(read.expect_f64("means"), Ok(vec![0.1, 0.2]));
    assert_eq!(read.expect_bytes("state").expect("bytes").len(), 256);
    assert_eq!(read.f32_count(), 4);
    assert_eq!(read.bytes().expect("a file"), bytes);
    let by_others = safetensors::SafeTensors::deserialize(&bytes).expect("a safetensors file");
    assert_eq!(by_others.tensor("weights").expect("a tensor").shape(), [2, 2]);
}

#[test]
fn every_flipped_byte_and_every_truncation_is_detected() {
    let bytes = example().bytes().expect("a file");
    for at in 0..bytes.len() {
        for flip in [0x01, 0x20, 0xff] {
            let mut flipped = bytes.clone();
            flipped[at] ^= flip;
            assert!(TensorFile::parse(&flipped).is_err(), "byte {at} ^ {flip}");
        }
        assert!(TensorFile::parse(&bytes[..at]).is_err(), "cut at {at}");
    }
    assert!(TensorFile::parse(&[&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn a_header_that_claims_too_much_is_refused_without_allocation() {
    let bomb = |header: &str| {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.resize(1024, b' ');
        TensorFile::parse(&bytes).expect_err("a bomb")
    };
    let ten_gib = 10u64 << 30;
    let tensor = |shape: &str, end: u64| {
        format!("{{\"a\":{{\"dtype\":\"U8\",\"shape\":[{shape}],\"data_offsets\":[0,{end}]}}}}")
    };
    assert!(bomb(&tensor(&ten_gib.to_string(), ten_gib)).contains("1024 bytes"));
    bomb(&tensor("4294967296,4294967296", u64::MAX));
    bomb("{");
    let length = [&u64::MAX.to_le_bytes()[..], &[b' '; 1016]].concat();
    assert!(TensorFile::parse(&length).is_err());
    assert!(TensorFile::parse(&[]).is_err());
}

#[test]
fn nan_and_tensors_of_another_type_are_refused() {
    let mut packed = example();
    packed.add_f32("weights", vec![3], &[1.0, f32::NAN, 2.0]);
    let read = TensorFile::parse(&packed.bytes().expect("a file")).expect("a file");
    let problem = read.expect_f32("weights").expect_err("no number");
    assert_eq!(problem, "expected finite numbers in 'weights', got NaN at 1");
    assert!(read.expect_f32("means").expect_err("doubles").contains("F64"));
    assert!(read.expect_bytes("absent").expect_err("none").contains("'absent'"));
    assert!(read.expect_metadata("absent").expect_err("none").contains("'absent'"));
}

#[test]
fn nested_headers_and_false_lengths_are_refused_at_once() {
    for opening in ["[", "{\"a\":", "{\"__metadata__\":{\"a\":"] {
        let header = opening.repeat(100_000);
        let length = (header.len() as u64).to_le_bytes();
        TensorFile::parse(&[&length, header.as_bytes()].concat()).expect_err("it is nested");
    }
    for length in [u64::MAX, 1 << 40, 99_999_999, 3] {
        let file = [&length.to_le_bytes()[..], b"{}"].concat();
        TensorFile::parse(&file).expect_err("it is longer than the file");
    }
}
