package app

import (
	"net/netip"
	"strings"
	"testing"

	"naober/matching/care"
)

// FuzzPaperCode looks for a code on paper with two readings.
func FuzzPaperCode(f *testing.F) {
	for _, typed := range []string{"1234 5678 9012", "123456789012", "1234–5678—9012", "1234\u00a05678\u20099012", "１２３４ 5678 9012", "", "1234 5678 901", strings.Repeat(" ", 65)} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		digits, ok := readPaper(typed)
		if !ok {
			return
		}
		if len(digits) != paperDigits || strings.Trim(digits, "0123456789") != "" {
			t.Fatalf("%q is read as %q", typed, digits)
		}
		if again, ok := readPaper(groupPaper(digits)); !ok || again != digits {
			t.Fatalf("%q is written as %q and read as %q", digits, groupPaper(digits), again)
		}
	})
}

// FuzzNetwork looks for an address that is counted apart from the line it belongs to.
func FuzzNetwork(f *testing.F) {
	for _, address := range []string{"203.0.113.9", "::ffff:203.0.113.9", "2001:db8::1", "fe80::1%eth0", "::1", "", "nonsense", "0.0.0.0"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		counted := network(address)
		ip, err := netip.ParseAddr(address)
		if err != nil {
			return
		}
		if prefix, err := netip.ParsePrefix(counted); err == nil {
			if prefix.Bits() != 64 || !prefix.Contains(ip.WithZone("")) {
				t.Fatalf("%s is counted as %s", address, counted)
			}
		} else if counted != ip.Unmap().WithZone("").String() {
			t.Fatalf("%s is counted as %s", address, counted)
		}
	})
}

// FuzzPart looks for a part of an export that begins where nothing of ours does.
func FuzzPart(f *testing.F) {
	for _, part := range []string{partName("mine", ""), partName("pushes", "ask/01J/ask.new"), partName("views", "\x00"), "", "bWluZQ", "%%%"} {
		f.Add(part)
	}
	f.Fuzz(func(t *testing.T, part string) {
		from, after, err := parsePart(part)
		switch {
		case err != nil && care.CodeOf(err) != "cursor_invalid":
			t.Fatal(err)
		case err != nil, part == "":
			return
		case strings.ContainsAny(after, "\x00 \n") || len(after) > 200:
			t.Fatalf("%q begins after %q", part, after)
		}
		if again, then, err := parsePart(partName(sections()[from].name, after)); err != nil || again != from || then != after {
			t.Fatalf("%q is read as %d %q, and then as %d %q", part, from, after, again, then)
		}
	})
}

func FuzzTicket(f *testing.F) {
	for _, raw := range []string{"", "....", "01JDB8Q4M2ZT6R0V9XKFW3E7HN.01JDB8Q4M2ZT6R0V9XKFW3E7HP.1763843272000.01JDB8Q4M2ZT6R0V9XKFW3E7HQ.Zk3vT6R0", "a.b.9223372036854775808.c.d", "a.b.-1.c.d.e"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		read, ok := parseTicket(raw)
		if ok && read.text+"."+read.mark != raw {
			t.Errorf("%q is read as %+v", raw, read)
		}
	})
}
