package rest

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// readers are all shapes that a body may have, with the decoder for each.
func readers() map[string]func([]byte) (any, error) {
	return map[string]func([]byte) (any, error){
		"Absence": reads[wire.Absence], "Application": reads[wire.Application], "Block": reads[wire.Block], "CodeRequest": reads[wire.CodeRequest], "ContactRemoval": reads[wire.ContactRemoval], "Forgetting": reads[wire.Forgetting],
		"Grant": reads[wire.Grant], "Joining": reads[wire.Joining], "Later": reads[wire.Later], "Leave": reads[wire.Leave], "LiftAsk": reads[wire.LiftAsk], "Weights": reads[wire.Weights], "Merging": reads[wire.Merging], "Move": reads[wire.Move], "PlannedAsks": reads[wire.PlannedAsks],
		"NewContact": reads[wire.NewContact], "NewDecision": reads[wire.NewDecision], "NewDeskPerson": reads[wire.NewDeskPerson],
		"NewFeedback": reads[wire.NewFeedback], "NewMessage": reads[wire.NewMessage], "NewOffer": reads[wire.NewOffer], "NewReferral": reads[wire.NewReferral],
		"NewReport": reads[wire.NewReport], "NewRequest": reads[wire.NewRequest], "NewSlots": reads[wire.NewSlots], "NewVetting": reads[wire.NewVetting],
		"Bundle": reads[wire.Bundle], "Nothing": reads[wire.Nothing], "OfferEdit": reads[wire.OfferEdit], "PaperRedemption": reads[wire.PaperRedemption],
		"ProfileEdit": reads[wire.ProfileEdit], "Publishing": reads[wire.Publishing], "PushToken": reads[wire.PushToken], "Quiet": reads[wire.Quiet],
		"Reason": reads[wire.Reason], "Redemption": reads[wire.Redemption], "Refresh": reads[wire.Refresh], "Registration": reads[wire.Registration],
		"Rejection": reads[wire.Rejection], "Removal": reads[wire.Removal], "ReportAnswer": reads[wire.ReportAnswer], "RequestEdit": reads[wire.RequestEdit],
		"RequestRefusal": reads[wire.RequestRefusal], "Search": reads[wire.Search], "SlotSwap": reads[wire.SlotSwap], "Yes": reads[wire.Yes],
		"Push": reads[wire.Push], "Pull": reads[wire.Pull],
	}
}

func reads[T any](body []byte) (any, error) { return decodeBody[T](body) }

// TestEveryBodyIsFuzzed holds readers to the bodies in openapi.yaml, both ways.
func TestEveryBodyIsFuzzed(t *testing.T) {
	t.Parallel()
	written := map[string]bool{}
	for _, ops := range readSpec(t).Paths {
		for _, op := range ops {
			if m, ok := op.RequestBody.Content["application/json"]; ok {
				written[strings.TrimPrefix(m.Schema.Ref, "#/components/schemas/")] = true
			}
		}
	}
	if got, want := slices.Sorted(maps.Keys(readers())), slices.Sorted(maps.Keys(written)); !slices.Equal(got, want) {
		t.Errorf("fuzzed are %v\nand taken  %v", got, want)
	}
}

// FuzzBody looks for a body that panics, is refused with something else than a 400, or is taken and
// not the same when it is sent again as it was understood.
func FuzzBody(f *testing.F) {
	names := slices.Sorted(maps.Keys(readers()))
	for _, body := range bodies() {
		f.Add(uint8(0), []byte(body))
		for i, name := range names {
			if _, err := readers()[name]([]byte(body)); err == nil {
				f.Add(uint8(i), []byte(body))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		name := names[int(which)%len(names)]
		read := readers()[name]
		value, err := read(body)
		if err != nil {
			if !care.IsKind(err, care.Invalid) {
				t.Fatalf("%s is refused with %v", name, err)
			}
			return
		}
		written, err := json.Marshal(value)
		if err != nil {
			t.Fatalf("%s is taken and cannot be written: %v", name, err)
		}
		again, err := read(written)
		if err != nil {
			t.Fatalf("%s is taken as %s and then refused: %v", name, written, err)
		}
		if twice, err := json.Marshal(again); err != nil || !bytes.Equal(twice, written) {
			t.Fatalf("%s is taken as %s and sent again as %s: %v", name, written, twice, err)
		}
	})
}

// FuzzMutation looks for arguments that panic, are refused with something else than a 400, or that lose anything
// on their way into a path and a body.
func FuzzMutation(f *testing.F) {
	all := mutations()
	for i := range all {
		f.Add(uint8(i), []byte(`{"id":"01JDB8Q4M2ZT6R0V9XKFW3E7HN","request":"01JDB8Q4M2ZT6R0V9XKFW3E7HN","text":"Dag"}`))
	}
	for _, args := range []string{"", "null", "[]", "{", `{"ask":{}}`, `{"ask":null}`, `{"ask":"..%2f.."}`, `{"ask":"x","ask":"y"}`, "{\"\\u0000\":1}"} {
		f.Add(uint8(0), []byte(args))
	}
	f.Fuzz(func(t *testing.T, which uint8, args []byte) {
		m := all[int(which)%len(all)]
		path, body, subject, err := m.split(args)
		if err != nil {
			if !care.IsKind(err, care.Invalid) {
				t.Fatalf("%s is refused with %v", m.name, err)
			}
			return
		}
		var given, left map[string]json.RawMessage
		if json.Unmarshal(args, &given) != nil || json.Unmarshal(body, &left) != nil {
			t.Fatalf("%s takes %q and makes %q of it", m.name, args, body)
		}
		ids := strings.Count(m.path, ":")
		if m.makes {
			ids++
		}
		if len(given) != len(left)+ids || m.makes != (subject != "") || strings.Contains(path, ":") || strings.Count(path, "/") != strings.Count(m.path, "/") {
			t.Fatalf("%s takes %q apart into %q, %q and %q", m.name, args, path, body, subject)
		}
	})
}

func FuzzIdempotencyKey(f *testing.F) {
	for _, key := range []string{"", "0123456789abcdef", `"0123456789abcdef"`, `""0123456789abcdef""`, strings.Repeat("a", 65), "../../../../../etc/passwd", "\x00", "aaaaaaaaaaaaaaa\u2028"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		n, ok := parseNonce(key)
		if ok && (len(n) < 16 || len(n) > 64 || strings.Trim(string(n), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "") {
			t.Fatalf("%q is taken as %q", key, n)
		}
		if ok && !strings.Contains(key, string(n)) {
			t.Fatalf("%q becomes %q", key, n)
		}
	})
}

func FuzzIfMatch(f *testing.F) {
	for _, tag := range []string{"", "*", "7", `"7"`, `W/"7"`, `""7""`, "+7", "-7", "07", `"7", "8"`, strings.Repeat("9", 60), "7e3", "٧"} {
		f.Add(tag)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		ver, ok := parseTag(tag)
		if !ok || tag == "*" {
			return
		}
		raw, err := json.Marshal(ver)
		if err != nil || ver < 1 || (tag != string(raw) && tag != `"`+string(raw)+`"`) {
			t.Fatalf("%q is taken as %d", tag, ver)
		}
	})
}

// FuzzQuery reads any query as the lists do.
func FuzzQuery(f *testing.F) {
	for _, query := range []string{"", "limit=50&after=01JDB8Q4M2ZT6R0V9XKFW3E7HN", "limit=0", "limit=201", "limit=+5", "limit=5&limit=6", "after=", "lat=52.8&lon=6.7",
		"lat=NaN&lon=inf", "lat=1e309&lon=0x1p3", "scope[$ne]=x", "scope=%00", "community=%ff", "limit=%35", "&&==&", "lat=-0&lon=-0", "from=2026-11-26&days=7", "from=9999-12-31", "days=256"} {
		f.Add(query)
	}
	app := fiber.New()
	f.Fuzz(func(t *testing.T, query string) {
		c := app.AcquireCtx(&fasthttp.RequestCtx{})
		defer app.ReleaseCtx(c)
		c.Context().Request.URI().SetQueryString(query)
		p, err := page(c)
		if err == nil && (p.Limit < 1 || p.Limit > 200 || (p.After != "" && len(p.After) != 26)) {
			t.Errorf("%q is taken as %+v", query, p)
		}
		at, errAt := point(c)
		if errAt == nil && at != nil && (at.Lat != at.Lat || at.Lat > 1e300 || at.Lon != at.Lon) {
			t.Errorf("%q is taken as %+v", query, *at)
		}
		in, errIn := idIn[care.CommunityID](c, "community")
		_, errWord := wordIn(c, "scope", "mine")
		if errIn == nil && in != "" && len(in) != 26 {
			t.Errorf("%q is taken as %s", query, in)
		}
		days, errDays := period(c)
		if errDays == nil && !days.From.IsZero() && (days.From.Year() < 1900 || days.From.Year() > 2999) {
			t.Errorf("%q is taken as %+v", query, days)
		}
		for _, err := range []error{err, errAt, errIn, errWord, errDays} {
			if err != nil && !care.IsKind(err, care.Invalid) {
				t.Errorf("%q is refused with %v", query, err)
			}
		}
	})
}

// FuzzAddress looks for a forwarded header that makes the client's address something else than an
// address, or one of our own proxies while the connection is a stranger's.
func FuzzAddress(f *testing.F) {
	for _, heard := range []string{"", "203.0.113.9", "198.51.100.7, 203.0.113.9", "10.0.0.4", "::ffff:10.0.0.4", "fe80::1%eth0", "nonsense", ",,,", "203.0.113.9:80", "[::1]", "010.0.0.1"} {
		f.Add(heard, heard, true)
		f.Add(heard, "10.0.0.4", false)
	}
	s := New(nil, nil, slog.New(slog.DiscardHandler), []string{"10.0.0.0/8", "::1"})
	f.Fuzz(func(t *testing.T, first, second string, near bool) {
		raw := &fasthttp.RequestCtx{}
		from := &net.TCPAddr{IP: net.IPv4(203, 0, 113, 80), Port: 1234}
		if near {
			from.IP = net.IPv4(10, 0, 0, 7)
		}
		raw.Init(&fasthttp.Request{}, from, nil)
		raw.Request.Header.Add(fiber.HeaderXForwardedFor, first)
		raw.Request.Header.Add(fiber.HeaderXForwardedFor, second)
		c := s.App().AcquireCtx(raw)
		defer s.App().ReleaseCtx(c)
		got := s.address(c)
		if _, err := netip.ParseAddr(got); err != nil {
			t.Fatalf("%q, %q: the address is %q", first, second, got)
		}
		if !near && got != "203.0.113.80" {
			t.Fatalf("%q, %q from a stranger: the address is %q", first, second, got)
		}
	})
}

// FuzzProxies reads any setting of trusted proxies; what cannot be read trusts nobody.
func FuzzProxies(f *testing.F) {
	for _, raw := range []string{"", "10.0.0.0/8", "10.0.0.1", "0.0.0.0/0", "::/0", "10.0.0.0/33", "fe80::1%eth0", "localhost"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		found := trusted([]string{raw}, slog.New(slog.DiscardHandler))
		if len(found) > 1 || (len(found) == 1 && !found[0].IsValid()) {
			t.Fatalf("%q is read as %v", raw, found)
		}
	})
}
