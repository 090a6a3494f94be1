// Package egress decides which network addresses this service may call.
//
// A name says nothing: whoever rules its zone can let it stand for this machine's own address, and can
// answer two questions in two ways. So the judgement falls in the dialer, on the very address that the
// socket is about to connect to, for each address and each connection anew. The package resolves nothing
// by itself, follows nothing and knows no protocol.
package egress

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// ErrRefused says that an address is neither public nor one that the operator allowed. It names no
// address: what is called may be a capability.
var ErrRefused = errors.New("egress: the address is not public, and the operator did not allow it")

// Guard lets through public addresses and what the operator allowed besides. The zero Guard is the
// strictest that still calls anybody.
type Guard struct {
	allowed []netip.Prefix
	closed  bool // public addresses are refused too
}

// Allowing makes a Guard that lets these networks through besides the public ones.
func Allowing(networks ...netip.Prefix) Guard { return Guard{allowed: networks} }

// Loopback makes a Guard that lets through this machine alone: for what must not be read on the way.
func Loopback() Guard { return Guard{allowed: ThisMachine(), closed: true} }

// ThisMachine is the loopback networks: the demo and tests keep a push server and a mail server there.
func ThisMachine() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// ParseNetworks reads addresses and networks ("10.1.2.3, fd00:1::/48"), by commas. Its error quotes nothing.
func ParseNetworks(list string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, one := range strings.Split(list, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		network, err := netip.ParsePrefix(one)
		if address, alone := netip.ParseAddr(one); alone == nil && address.Zone() == "" {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil || network.Addr().Is4In6() {
			return nil, errors.New("egress: not a list of addresses and networks")
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}

// Check judges one address. An IPv4 address that is written as IPv6 is judged as what it is.
func (g Guard) Check(address netip.Addr) error {
	address = address.Unmap()
	for _, network := range g.allowed {
		if network.Contains(address.WithZone("")) {
			return nil
		}
	}
	if g.closed || !public(address) {
		return ErrRefused
	}
	return nil
}

// CheckHost judges a host that is an address. A name passes: what it stands for shows when it is dialled.
func (g Guard) CheckHost(host string) error {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return nil
	}
	return g.Check(address)
}

// Control is the hook of net.Dialer: it runs after names were resolved and before the socket connects.
func (g Guard) Control(network, address string, _ syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return fmt.Errorf("%w: %s is not TCP", ErrRefused, network)
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return ErrRefused
	}
	return g.Check(to.Addr())
}

// Dialer makes a dialer whose every connection is judged. It is the only one that calls of this service
// to the outside may use; a test over the whole tree holds that.
func (g Guard) Dialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second, Control: g.Control}
}
