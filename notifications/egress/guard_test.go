package egress_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"naober/notifications/egress"
)

func networks(t *testing.T, list string) []netip.Prefix {
	t.Helper()
	all, err := egress.ParseNetworks(list)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestGuardLetsThePublicThroughAlone(t *testing.T) {
	public := []string{"8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "198.17.255.255",
		"223.255.255.255", "2600::1", "2a00:1450:400e::8a", "2001:200::1", "::ffff:8.8.8.8"}
	refused := []string{"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.254", "168.63.129.16",
		"169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
		"198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
		"64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1", "2001:db8::1", "2002:7f00:1::1",
		"3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::1%lo", "2600::1%lo", "fec0::1", "ff02::1", "4000::1"}
	var guard egress.Guard
	for _, one := range public {
		if err := guard.Check(netip.MustParseAddr(one)); err != nil {
			t.Errorf("%s: %v", one, err)
		}
	}
	for _, one := range refused {
		if err := guard.Check(netip.MustParseAddr(one)); !errors.Is(err, egress.ErrRefused) {
			t.Errorf("%s is let through: %v", one, err)
		}
	}
	if guard.Check(netip.Addr{}) == nil {
		t.Error("no address is let through")
	}
}

func TestGuardAllowsWhatTheOperatorNamed(t *testing.T) {
	guard := egress.Allowing(networks(t, " 10.1.2.3, fd00:1::/48,,169.254.7.0/24 ")...)
	for one, want := range map[string]bool{"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.1.2.4": false, "fd00:1::9": true, "fd00:2::9": false,
		"169.254.7.1": true, "169.254.169.254": false, "8.8.8.8": true, "127.0.0.1": false} {
		if err := guard.Check(netip.MustParseAddr(one)); (err == nil) != want {
			t.Errorf("%s: %v, want %t", one, err, want)
		}
	}
	for one, want := range map[string]bool{"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true, "8.8.8.8": false, "10.0.0.1": false} {
		if err := egress.Loopback().Check(netip.MustParseAddr(one)); (err == nil) != want {
			t.Errorf("this machine alone: %s: %v, want %t", one, err, want)
		}
	}
	for _, wrong := range []string{"localhost", "10.0.0.0/33", "10.0.0.1/", "fe80::1%lo", "::ffff:10.0.0.0/104", "::ffff:10.0.0.1", "*", "10.0.0.1 10.0.0.2"} {
		if got, err := egress.ParseNetworks(wrong); err == nil {
			t.Errorf("%q is read as %v", wrong, got)
		}
	}
}

func TestGuardJudgesHostsThatAreAddresses(t *testing.T) {
	for host, want := range map[string]bool{"mail.example.org": true, "127.0.0.1": false, "::1": false, "8.8.8.8": true, "localhost": true} {
		if err := (egress.Guard{}).CheckHost(host); (err == nil) != want {
			t.Errorf("%s: %v, want %t", host, err, want)
		}
	}
}

// TestRebindingIsRefused has a zone that answers the first question with a public address and the next
// with a private one: whoever looks the name up first and dials it then is led astray.
func TestRebindingIsRefused(t *testing.T) {
	for _, second := range []string{"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1", "fd00::1", "64:ff9b::7f00:1", "::ffff:127.0.0.1"} {
		t.Run(second, func(t *testing.T) {
			zone := &zone{answers: []netip.Addr{netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr(second)}}
			resolver := zone.resolver()
			looked, err := resolver.LookupNetIP(t.Context(), "ip", "push.example.")
			if err != nil || len(looked) != 1 || (egress.Guard{}).Check(looked[0]) != nil {
				t.Fatalf("the first look says %v, %v", looked, err)
			}
			zone.next.Store(1)
			dialer := egress.Guard{}.Dialer(time.Second)
			dialer.Resolver = resolver
			connected := atomic.Bool{}
			guard := dialer.Control
			dialer.Control = func(network, address string, c syscall.RawConn) error {
				if err := guard(network, address, c); err != nil {
					return err
				}
				connected.Store(true) // it would leave this machine, so it ends here
				return errors.New("let through")
			}
			if _, err := dialer.DialContext(t.Context(), "tcp", "push.example.:443"); !errors.Is(err, egress.ErrRefused) || connected.Load() {
				t.Errorf("dialled all the same: %v", err)
			}
		})
	}
}

// TestRefusedBeforeAnythingIsSent has a listener on this machine: nobody connects to it by its address,
// its name or a foreign name that stands for it, unless it is allowed.
func TestRefusedBeforeAnythingIsSent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	zone := &zone{answers: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}
	dial := func(guard egress.Guard, host string) error {
		dialer := guard.Dialer(5 * time.Second)
		dialer.Resolver = zone.resolver()
		conn, err := dialer.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err == nil {
			_ = conn.Close()
		}
		return err
	}
	hosts := []string{"127.0.0.1", "::ffff:127.0.0.1", "push.example."}
	for _, host := range hosts {
		if err := dial(egress.Guard{}, host); !errors.Is(err, egress.ErrRefused) {
			t.Errorf("%s: %v", host, err)
		}
		if err := dial(egress.Allowing(networks(t, "127.0.0.1")...), host); err != nil {
			t.Errorf("%s, allowed: %v", host, err)
		}
	}
	mark, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mark.Close() }()
	for i := range len(hosts) + 1 { // those that were allowed stand in the queue, and then the mark: no other
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if last := i == len(hosts); last != (conn.RemoteAddr().String() == mark.LocalAddr().String()) {
			t.Errorf("connection %d is from %s", i+1, conn.RemoteAddr())
		}
		_ = conn.Close()
	}
}

func TestControlTakesTCPAlone(t *testing.T) {
	for _, network := range []string{"udp4", "unix", "ip4:icmp"} {
		if err := (egress.Guard{}).Control(network, "8.8.8.8:53", nil); !errors.Is(err, egress.ErrRefused) {
			t.Errorf("%s: %v", network, err)
		}
	}
	for _, address := range []string{"", "8.8.8.8", "name:443", "/run/x"} {
		if err := (egress.Guard{}).Control("tcp4", address, nil); !errors.Is(err, egress.ErrRefused) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if dialer := (egress.Guard{}).Dialer(time.Second); dialer.Control == nil || dialer.Timeout != time.Second {
		t.Error("a dialer without a guard or without an end")
	}
}

// zone is a name server in this process. It gives the answer that next points at.
type zone struct {
	answers []netip.Addr
	next    atomic.Int64
}

func (z *zone) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go z.serve(there)
		return here, nil
	}}
}

func (z *zone) address() netip.Addr {
	return z.answers[min(int(z.next.Load()), len(z.answers)-1)]
}
