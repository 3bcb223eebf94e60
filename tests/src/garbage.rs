//! Requests no server wants, the same ones every time: what a port that is reached by strangers gets to read.

use std::fmt::Write as _;

/// What a piece of garbage is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bytes of any value.
    Noise,
    /// The greeting of a TLS client.
    Tls,
    /// The greeting of an HTTP/2 client.
    Http2,
    /// A head larger than any buffer, in one of its parts.
    HugeHead,
    /// A request whose end two servers would see in different places, and what is to be smuggled behind it.
    Smuggling,
    /// A good request with some bytes changed.
    Mutated,
    /// The beginning of a good request.
    Cut,
    /// A good request for something that is not there.
    Lost,
}

const KINDS: [Kind; 8] =
    [Kind::Noise, Kind::Tls, Kind::Http2, Kind::HugeHead, Kind::Smuggling, Kind::Mutated, Kind::Cut, Kind::Lost];

const GOOD: &str = "GET /metrics HTTP/1.1\r\nHost: guest:9100\r\nAccept: text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n\
    User-Agent: garbage\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n";

/// Field lines that leave it open where a request ends, or that pretend to.
const FRAMINGS: [&str; 10] = [
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
    "Content-Length: 5\r\nContent-Length: 6\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: 5, 5\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding : chunked\r\n",
    "X-Folded: a\r\n Transfer-Encoding: chunked\r\n",
    "X: y\rContent-Length: 5\r\n",
];

/// The piece of garbage with this number.
#[must_use]
pub fn piece(number: u32) -> (Kind, Vec<u8>) {
    let mut random = Random(u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5045_5249_5343_4f50);
    let kind = KINDS[number as usize % KINDS.len()];
    (kind, bytes(kind, &mut random))
}

fn bytes(kind: Kind, random: &mut Random) -> Vec<u8> {
    match kind {
        Kind::Noise => noise(random, 512),
        Kind::Tls => {
            [&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03][..], &noise(random, 512)].concat()
        }
        Kind::Http2 => [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &noise(random, 64)].concat(),
        Kind::HugeHead => huge(random).into_bytes(),
        Kind::Smuggling => {
            let framing = FRAMINGS[random.below(FRAMINGS.len())];
            format!(
                "GET /metrics HTTP/1.1\r\nHost: guest\r\n{framing}\r\n0\r\n\r\nGET /log HTTP/1.1\r\nHost: guest\r\n\r\n"
            )
            .into_bytes()
        }
        Kind::Mutated => {
            let mut request = GOOD.as_bytes().to_vec();
            for _ in 0..=random.below(3) {
                let at = random.below(request.len());
                request[at] = random.next() as u8;
            }
            request
        }
        Kind::Cut => GOOD.as_bytes()[..random.below(GOOD.len())].to_vec(),
        Kind::Lost => {
            let name = random.next();
            format!("GET /{name:x} HTTP/1.1\r\nHost: guest\r\nConnection: close\r\n\r\n").into_bytes()
        }
    }
}

fn huge(random: &mut Random) -> String {
    let len = 8 * 1024 + random.below(8 * 1024);
    match random.below(3) {
        0 => format!("GET /{} HTTP/1.1\r\nHost: guest\r\n\r\n", "a".repeat(len)),
        1 => format!("GET / HTTP/1.1\r\nHost: guest\r\nX: {}\r\n\r\n", "a".repeat(len)),
        _ => {
            let mut head = String::from("GET / HTTP/1.1\r\nHost: guest\r\n");
            for index in 0..len / 8 {
                let _ = write!(head, "X-{index}: y\r\n");
            }
            head + "\r\n"
        }
    }
}

fn noise(random: &mut Random, most: usize) -> Vec<u8> {
    (0..=random.below(most)).map(|_| random.next() as u8).collect()
}

/// Steele, Lea and Flood's SplitMix64 ("Fast splittable pseudorandom number generators", 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `bound`, which is small.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::{KINDS, piece};

    #[test]
    fn is_the_same_every_time_and_of_every_kind() {
        assert!((0..100).all(|number| piece(number) == piece(number)));
        let kinds: Vec<_> = (0..KINDS.len() as u32).map(|number| piece(number).0).collect();
        assert_eq!(kinds, KINDS);
        assert_ne!(piece(0).1, piece(KINDS.len() as u32).1);
    }
}
