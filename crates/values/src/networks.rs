//! The addresses of networks that are listed one by one.

use std::fmt::{self, Write};
use std::net::IpAddr;

use ipnet::IpNet;

/// How many addresses of a network are listed one by one, if at most `limit` are.
fn expanded(network: IpNet, limit: u16) -> u16 {
    let host_bits = network.max_prefix_len() - network.prefix_len();
    let count = 1u16.checked_shl(host_bits.into()).unwrap_or(u16::MAX);
    if count <= limit { count } else { 0 }
}

/// The addresses of a network that are listed one by one, if at most `limit` are.
pub(crate) fn addresses(network: IpNet, limit: u16) -> impl Iterator<Item = IpAddr> {
    (0..expanded(network, limit)).map(move |offset| match network.network() {
        IpAddr::V4(first) => (first.to_bits() + u32::from(offset)).to_be_bytes().into(),
        IpAddr::V6(first) => (first.to_bits() + u128::from(offset)).to_be_bytes().into(),
    })
}

/// How long an address is as a text. Nothing is allocated: the module never frees.
pub(crate) fn length(address: IpAddr) -> usize {
    struct Count(usize);
    impl fmt::Write for Count {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }
    match address {
        IpAddr::V4(address) => {
            let digits = |octet: u8| 1 + usize::from(octet > 9) + usize::from(octet > 99);
            address.octets().map(digits).iter().sum::<usize>() + 3
        }
        IpAddr::V6(address) => {
            let mut count = Count(0);
            // It never fails.
            let _ = write!(count, "{address}");
            count.0
        }
    }
}

/// At most how many bytes the addresses of a network have that are listed, with a comma after each.
pub(crate) fn most_bytes(network: IpNet, limit: u16) -> usize {
    match (expanded(network, limit), network) {
        (0, _) => 0,
        // No address of a network is longer than the last one, or, of IPv6, than the longest that there is.
        (count, IpNet::V4(network)) => usize::from(count) * (network.broadcast().to_string().len() + 1),
        (count, IpNet::V6(_)) => usize::from(count) * (39 + 1),
    }
}
