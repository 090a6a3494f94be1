package egress

import "net/netip"

// public reports whether an address belongs to the public internet. Of IPv6 only the part that IANA gives
// out as global unicast is; what lies outside it (::, ::1, mapped and translated IPv4, fc00::/7, fe80::/10,
// ff00::/8) needs no row of its own.
func public(address netip.Addr) bool {
	if !address.IsValid() || address.Zone() != "" {
		return false
	}
	if address.Is6() && !netip.MustParsePrefix("2000::/3").Contains(address) {
		return false
	}
	for _, network := range special() {
		if network.Contains(address) {
			return false
		}
	}
	return true
}

// special are the networks that reach no public host, after IANA's registries of special-purpose
// addresses (RFC 6890 and its successors), with those that carry an IPv4 address inside: a tunnel would
// take the call where its own address may not go.
func special() []netip.Prefix {
	networks := []string{
		"0.0.0.0/8",        // this network; Linux takes 0.0.0.0 for this machine
		"10.0.0.0/8",       // private
		"100.64.0.0/10",    // shared by a carrier's customers
		"127.0.0.0/8",      // loopback
		"168.63.129.16/32", // Azure's own server, which answers each virtual machine
		"169.254.0.0/16",   // link-local, where clouds keep their metadata
		"172.16.0.0/12",    // private
		"192.0.0.0/24",     // protocol assignments
		"192.0.2.0/24",     // documentation
		"192.88.99.0/24",   // former 6to4 relays
		"192.168.0.0/16",   // private
		"198.18.0.0/15",    // benchmarks
		"198.51.100.0/24",  // documentation
		"203.0.113.0/24",   // documentation
		"224.0.0.0/4",      // multicast
		"240.0.0.0/4",      // reserved, and broadcast
		"2001::/23",        // protocol assignments, Teredo among them
		"2001:db8::/32",    // documentation
		"2002::/16",        // 6to4
		"3fff::/20",        // documentation
	}
	parsed := make([]netip.Prefix, len(networks))
	for i, n := range networks {
		parsed[i] = netip.MustParsePrefix(n)
	}
	return parsed
}
