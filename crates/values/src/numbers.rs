//! Finds numbers and IPv4 addresses at the beginning of texts, because settings have many of them.

use std::net::Ipv4Addr;

/// Splits off a decimal number of up to five digits, without leading zeros.
#[inline(always)]
pub(crate) fn split_number(text: &[u8]) -> Option<(u32, &[u8])> {
    let (first, mut rest) = text.split_first()?;
    let mut number = digit(*first)?;
    if number > 0 {
        for _ in 0..4 {
            let Some((next, behind)) = rest.split_first() else {
                break;
            };
            let Some(digit) = digit(*next) else {
                break;
            };
            number = 10 * number + digit;
            rest = behind;
        }
    }
    Some((number, rest))
}

fn digit(byte: u8) -> Option<u32> {
    let digit = byte.wrapping_sub(b'0');
    (digit < 10).then_some(digit.into())
}

/// Splits off an IPv4 address: four numbers from 0 to 255, separated by dots.
pub(crate) fn split_ipv4_address(text: &[u8]) -> Option<(Ipv4Addr, &[u8])> {
    let mut address = 0;
    let mut rest = text;
    for octets in 0..4 {
        if octets > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        let (octet, behind) = split_number(rest).filter(|(octet, _)| *octet <= 255)?;
        address = address << 8 | octet;
        rest = behind;
    }
    Some((Ipv4Addr::from_bits(address), rest))
}

/// Splits off a port, from 1 to 65535. There are no leading zeros, because clients compare ports as text.
pub(crate) fn split_port(text: &[u8]) -> Option<&[u8]> {
    let (port, behind) = split_number(text)?;
    (1..=65535).contains(&port).then_some(behind)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_port_has_no_leading_zeros_and_at_most_sixteen_bits() {
        for (text, behind) in [("1", ""), ("65535", ""), ("80a", "a"), ("655350", "0")] {
            assert_eq!(split_port(text.as_bytes()), Some(behind.as_bytes()), "{text}");
        }
        for text in ["", "0", "080", "65536", "+80", "a"] {
            assert_eq!(split_port(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_ipv4_address_is_what_the_standard_library_reads(text in "[012][0-9]{0,3}(\\.[0-9]{0,3}|\\.25[0-9]|[.é]){0,5}") {
            let address = match split_ipv4_address(text.as_bytes()) {
                Some((address, b"")) => Ok(address),
                Some((address, behind)) => {
                    prop_assert_eq!(Ok(address), text[..text.len() - behind.len()].parse());
                    "".parse()
                }
                None => "".parse(),
            };
            prop_assert_eq!(address, text.parse());
        }
    }
}
