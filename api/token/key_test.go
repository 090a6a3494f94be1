package token

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// noon is the moment at which the tests of this package stand.
var noon = time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)

// keyFrom makes a key from a source that yields one byte over and over.
func keyFrom(t testing.TB, seed byte, created time.Time) Key {
	t.Helper()
	k, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 32)), created)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ringOf(t testing.TB, keys ...Key) Ring {
	t.Helper()
	ring, err := NewRing(keys)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestThumbprintIsThatOfRFC8037(t *testing.T) {
	// RFC 8037, appendices A.2 and A.3.
	public, err := base64.RawURLEncoding.DecodeString("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := thumbprint(public), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; got != want {
		t.Errorf("thumbprint = %s, want %s", got, want)
	}
}

func TestGenerateKey(t *testing.T) {
	if a, b := keyFrom(t, 1, noon), keyFrom(t, 2, noon); a.ID == b.ID || a.Public.Equal(b.Public) {
		t.Error("two sources gave one key")
	}
	if k, err := GenerateKey(bytes.NewReader(make([]byte, 31)), noon); err == nil || k.Private != nil {
		t.Errorf("31 bytes of randomness gave %v, %v", k, err)
	}
}

func TestKeyNeverPrintsItsPrivateHalf(t *testing.T) {
	k := keyFrom(t, 1, noon)
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("rotated", "key", k)
	out := logged.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		out += fmt.Sprintf(verb, k) + fmt.Sprintf(verb, []Key{k})
	}
	for _, secret := range []string{
		string(k.Private.Seed()), hex.EncodeToString(k.Private.Seed()[:4]), "[1 1 1 1", "0x1, 0x1",
		base64.StdEncoding.EncodeToString(k.Private)[:8],
	} {
		if strings.Contains(out, secret) {
			t.Errorf("%q holds the private half as %q", out, secret)
		}
	}
	if !strings.Contains(logged.String(), k.ID) {
		t.Errorf("%q does not name the key", logged.String())
	}
}

func TestNewRingRefuses(t *testing.T) {
	one, two := keyFrom(t, 1, noon), keyFrom(t, 2, noon)
	change := func(change func(*Key)) []Key {
		k := one
		change(&k)
		return []Key{k}
	}
	for name, keys := range map[string][]Key{
		"a key given twice":                         {one, two, one},
		"a name that is not the thumbprint":         change(func(k *Key) { k.ID = two.ID }),
		"an empty name":                             change(func(k *Key) { k.ID = "" }),
		"no public half":                            change(func(k *Key) { k.Public = nil }),
		"a public half of 31 bytes":                 change(func(k *Key) { k.Public = k.Public[:31] }),
		"a private half of 63 bytes":                change(func(k *Key) { k.Private = k.Private[:63] }),
		"the private half of another key":           change(func(k *Key) { k.Private = two.Private }),
		"a foreign seed before the true public end": change(func(k *Key) { k.Private = append(two.Private.Seed(), k.Public...) }),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := NewRing(keys); !errors.Is(err, ErrUnusable) {
				t.Errorf("NewRing = %v, want ErrUnusable", err)
			}
		})
	}
}

func TestRingKeepsNothingOfItsCaller(t *testing.T) {
	k := keyFrom(t, 1, noon)
	keys := []Key{k}
	ring := ringOf(t, keys...)
	before, _ := json.Marshal(ring.JWKS(noon))
	k.Public[0] ^= 1
	keys[0] = Key{}
	if after, _ := json.Marshal(ring.JWKS(noon)); !bytes.Equal(before, after) {
		t.Error("a change of the caller's key reached the ring")
	}
}

func TestRingSignsWithTheNewestKeyInUse(t *testing.T) {
	old, current := keyFrom(t, 1, noon.Add(-48*time.Hour)), keyFrom(t, 2, noon.Add(-time.Hour))
	next := keyFrom(t, 3, noon.Add(time.Minute))
	verifyOnly := keyFrom(t, 4, noon)
	verifyOnly.Private = nil
	retired := func(k Key, at time.Time) Key { k.RetiredAt = at; return k }
	for name, row := range map[string]struct {
		keys []Key
		now  time.Time
		want string
	}{
		"the newer of two":                            {[]Key{old, current}, noon, current.ID},
		"the order given does not matter":             {[]Key{current, old}, noon, current.ID},
		"a published key does not sign yet":           {[]Key{current, next}, noon, current.ID},
		"a published key signs from its very moment":  {[]Key{current, next}, noon.Add(time.Minute), next.ID},
		"a key without its private half is passed by": {[]Key{current, verifyOnly}, noon, current.ID},
		"a retired key is passed by":                  {[]Key{old, retired(current, noon)}, noon, old.ID},
		"a key still signs just before it retires":    {[]Key{old, retired(current, noon)}, noon.Add(-time.Nanosecond), current.ID},
		"a ring of retired keys has none":             {[]Key{retired(current, noon)}, noon, ""},
		"an empty ring has none":                      {nil, noon, ""},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := ringOf(t, row.keys...).signer(row.now)
			if k.ID != row.want || (row.want == "") != errors.Is(err, ErrNoKey) {
				t.Errorf("signer = %v, %v; want %q", k, err, row.want)
			}
		})
	}
}

func TestJWKS(t *testing.T) {
	old, current := keyFrom(t, 1, noon.Add(-time.Hour)), keyFrom(t, 2, noon)
	old.RetiredAt = noon
	ring := ringOf(t, old, current)
	for name, row := range map[string]struct {
		now  time.Time
		want []Key
	}{
		"shows both from the rotation":       {noon, []Key{current, old}},
		"shows both just before the hour":    {noon.Add(RetiredFor - time.Nanosecond), []Key{current, old}},
		"hides the old one at the very hour": {noon.Add(RetiredFor), []Key{current}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(ring.JWKS(row.now))
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, k := range row.want {
				want = append(want, fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"kid":%q,"use":"sig","alg":"EdDSA"}`,
					base64.RawURLEncoding.EncodeToString(k.Public), k.ID))
			}
			if want := `{"keys":[` + strings.Join(want, ",") + `]}`; string(got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
	if got, _ := json.Marshal(Ring{}.JWKS(noon)); string(got) != `{"keys":[]}` {
		t.Errorf("an empty ring shows %s", got)
	}
}

// failing is a source of randomness that has dried up.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
