//! Reads remote-write requests, protocol 1.0 and 2.0, as the specification describes them: for tests that have to see
//! each request, which a database does not show. Not a receiver: see [`crate::moody`] and [`crate::prometheus`].

use std::io;

/// One series of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Names and values of its labels, in the order in which they came.
    pub labels: Vec<(String, String)>,
    /// Pairs of value and Unix time in milliseconds.
    pub samples: Vec<(f64, i64)>,
}

/// The bits of a stale marker, which is one of many values that are no number.
pub const STALE: u64 = 0x7ff0_0000_0000_0002;

/// The series of a `prometheus.WriteRequest` in a snappy block.
pub fn version_1(body: &[u8]) -> io::Result<Vec<Series>> {
    let message = unsnappy(body)?;
    let series = |message: &[u8]| {
        let mut series = Series { labels: Vec::new(), samples: Vec::new() };
        for (number, value) in fields(message)? {
            match (number, value) {
                (1, Value::Bytes(label)) => series.labels.push(pair_of_texts(label)?),
                (2, Value::Bytes(sample)) => series.samples.push(sample_of(sample)?),
                _ => {}
            }
        }
        Some(series)
    };
    let all = fields(&message).and_then(|fields| {
        let all =
            fields.into_iter().filter_map(|field| if let (1, Value::Bytes(it)) = field { Some(it) } else { None });
        all.map(series).collect()
    });
    all.ok_or_else(|| malformed("not a WriteRequest"))
}

/// The series of an `io.prometheus.write.v2.Request` in a snappy block.
pub fn version_2(body: &[u8]) -> io::Result<Vec<Series>> {
    let message = unsnappy(body)?;
    parse_version_2(&message).ok_or_else(|| malformed("not a Request of version 2"))
}

fn parse_version_2(message: &[u8]) -> Option<Vec<Series>> {
    let fields_of_all = fields(message)?;
    let mut symbols = Vec::new();
    for (number, value) in &fields_of_all {
        if let (4, Value::Bytes(symbol)) = (number, value) {
            symbols.push(String::from_utf8(symbol.to_vec()).ok()?);
        }
    }
    let mut all = Vec::new();
    for (number, value) in fields_of_all {
        let (5, Value::Bytes(message)) = (number, value) else { continue };
        let mut series = Series { labels: Vec::new(), samples: Vec::new() };
        for field in fields(message)? {
            match field {
                (1, Value::Bytes(packed)) => {
                    let mut rest = packed;
                    while !rest.is_empty() {
                        let (name, value) = (varint(&mut rest)?, varint(&mut rest)?);
                        let symbol = |index: u64| symbols.get(usize::try_from(index).ok()?).cloned();
                        series.labels.push((symbol(name)?, symbol(value)?));
                    }
                }
                (2, Value::Bytes(sample)) => series.samples.push(sample_of(sample)?),
                _ => {}
            }
        }
        all.push(series);
    }
    // The specification wants the first symbol to be empty.
    (symbols.first().is_some_and(String::is_empty) || all.is_empty()).then_some(all)
}

fn pair_of_texts(message: &[u8]) -> Option<(String, String)> {
    let mut pair = (String::new(), String::new());
    for field in fields(message)? {
        match field {
            (1, Value::Bytes(name)) => pair.0 = String::from_utf8(name.to_vec()).ok()?,
            (2, Value::Bytes(value)) => pair.1 = String::from_utf8(value.to_vec()).ok()?,
            _ => {}
        }
    }
    Some(pair)
}

fn sample_of(message: &[u8]) -> Option<(f64, i64)> {
    let mut sample = (0.0, 0);
    for field in fields(message)? {
        match field {
            (1, Value::Fixed(bits)) => sample.0 = f64::from_bits(bits),
            (2, Value::Varint(time)) => sample.1 = time.cast_signed(),
            _ => {}
        }
    }
    Some(sample)
}

enum Value<'a> {
    Varint(u64),
    Fixed(u64),
    Bytes(&'a [u8]),
}

/// The fields of a protobuf message, of the wire types that occur here.
fn fields(mut rest: &[u8]) -> Option<Vec<(u64, Value<'_>)>> {
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let key = varint(&mut rest)?;
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut rest)?),
            1 => {
                let (bytes, after) = rest.split_first_chunk()?;
                rest = after;
                Value::Fixed(u64::from_le_bytes(*bytes))
            }
            2 => {
                let len = usize::try_from(varint(&mut rest)?).ok()?;
                let (bytes, after) = rest.split_at_checked(len)?;
                rest = after;
                Value::Bytes(bytes)
            }
            _ => return None,
        };
        fields.push((key >> 3, value));
    }
    Some(fields)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Decompresses a block of snappy's format (google/snappy, `format_description.txt`).
pub fn unsnappy(block: &[u8]) -> io::Result<Vec<u8>> {
    let mut rest = block;
    let decoded = varint(&mut rest).zip(decompress(&mut rest));
    match decoded {
        Some((len, bytes)) if bytes.len() as u64 == len => Ok(bytes),
        _ => Err(malformed("not a snappy block")),
    }
}

fn decompress(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let mut take = |count: usize| {
        let (bytes, after) = rest.split_at_checked(count)?;
        *rest = after;
        let mut number = [0; 8];
        number.get_mut(..count.min(8))?.copy_from_slice(bytes.get(..count.min(8))?);
        Some((bytes, usize::try_from(u64::from_le_bytes(number)).ok()?))
    };
    let mut out = Vec::new();
    while let Some((_, tag)) = take(1) {
        let (len, offset) = match tag & 3 {
            0 => {
                let len = match tag >> 2 {
                    short @ 0..60 => short,
                    long => take(long - 59)?.1,
                };
                out.extend_from_slice(take(len + 1)?.0);
                continue;
            }
            1 => (4 + (tag >> 2 & 7), (tag >> 5) << 8 | take(1)?.1),
            2 => (1 + (tag >> 2), take(2)?.1),
            _ => (1 + (tag >> 2), take(4)?.1),
        };
        let start = out.len().checked_sub(offset).filter(|_| offset > 0)?;
        for index in start..start + len {
            out.push(*out.get(index)?);
        }
    }
    Some(out)
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::{Series, unsnappy, version_1, version_2};

    /// A snappy block of one literal.
    fn stored(message: &[u8]) -> Vec<u8> {
        let len = u8::try_from(message.len()).unwrap();
        [&[len, (len - 1) << 2][..], message].concat()
    }

    #[test]
    fn reads_snappy_with_its_copies() {
        // "abcd", then four bytes from four back, then eight from one back, which overlap what they make.
        let block = [16, 3 << 2, b'a', b'b', b'c', b'd', 1, 4, 7 << 2 | 2, 1, 0];
        assert_eq!(unsnappy(&block).unwrap(), b"abcdabcddddddddd");
        for wrong in [&[5, 3 << 2, b'a'][..], &[4, 1, 4], &[4, 3 << 2, b'a', b'b', b'c', b'd', 1, 9], &[]] {
            assert!(unsnappy(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn reads_both_versions() {
        let sample = [&[0x12, 12, 0x09][..], &1.5_f64.to_le_bytes(), &[0x10, 0x80, 0x01]].concat();
        let expected = [Series { labels: vec![("a".into(), "bc".into())], samples: vec![(1.5, 128)] }];
        let label = [0x0a, 7, 0x0a, 1, b'a', 0x12, 2, b'b', b'c'];
        let first = [&[0x0a, 23][..], &label, &sample].concat();
        assert_eq!(version_1(&stored(&first)).unwrap(), expected);
        let symbols = [0x22, 0, 0x22, 1, b'a', 0x22, 2, b'b', b'c'];
        let second = [&symbols[..], &[0x2a, 18, 0x0a, 2, 1, 2], &sample].concat();
        assert_eq!(version_2(&stored(&second)).unwrap(), expected);
        assert!(version_2(&stored(&[&[0x2a, 4, 0x0a, 2, 1, 2][..]].concat())).is_err(), "without symbols");
    }
}
