package token

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// mutants returns spoiled tokens by name. Those of the first half carry a true signature of a
// key in use, so that the signature alone does not refuse them.
func mutants(t testing.TB, i Issuer, key, stranger Key) map[string]string {
	t.Helper()
	head, body := i.header(key), i.payload(noon.Unix())
	all := map[string]string{}
	sub := func(text, old, with string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("%s holds no %s", text, old)
		}
		return strings.Replace(text, old, with, 1)
	}
	withBody := func(name, old, with string) { all[name] = forge(t, key.Private, head, sub(body, old, with)) }
	withHead := func(name, old, with string) { all[name] = forge(t, key.Private, sub(head, old, with), body) }
	iat := fmt.Sprint(noon.Unix())
	exp := fmt.Sprint(noon.Add(AccessLife).Unix())

	withBody("another audience", `"aud":"naober-api"`, `"aud":"other-api"`)
	withBody("a list as audience", `"aud":"naober-api"`, `"aud":["naober-api"]`)
	withBody("a list with our audience in it", `"aud":"naober-api"`, `"aud":["other-api","naober-api"]`)
	withBody("an empty audience", `"aud":"naober-api"`, `"aud":""`)
	withBody("no audience", `"aud":"naober-api",`, ``)
	withBody("another issuer", `"iss":"https://naober.example"`, `"iss":"https://naober.example.org"`)
	withBody("no issuer", `"iss":"https://naober.example",`, ``)
	withBody("no end", `,"exp":`+exp, ``)
	withBody("null as end", `"exp":`+exp, `"exp":null`)
	withBody("text as end", `"exp":`+exp, `"exp":"`+exp+`"`)
	withBody("a fraction as end", `"exp":`+exp, `"exp":`+exp+`.5`)
	withBody("an exponent as end", `"exp":`+exp, `"exp":9e9`)
	withBody("an end ten years away", `"exp":`+exp, `"exp":`+fmt.Sprint(noon.AddDate(10, 0, 0).Unix()))
	withBody("an end beyond int64", `"exp":`+exp, `"exp":9223372036854775808`)
	withBody("no beginning", `"iat":`+iat+`,`, ``)
	withBody("zero as beginning", `"iat":`+iat, `"iat":0`)
	withBody("a beginning before 1970", `"iat":`+iat, `"iat":-900`)
	withBody("an empty person", `"sub":"`+person+`"`, `"sub":""`)
	withBody("no person", `"sub":"`+person+`",`, ``)
	withBody("a number as person", `"sub":"`+person+`"`, `"sub":1`)
	withBody("an empty session", `"sid":"`+session+`"`, `"sid":""`)
	withBody("a person given twice", `"sub":`, `"sub":"somebody","sub":`)
	withBody("an end given twice", `"exp":`, `"exp":1,"exp":`)
	withBody("an end given again in capitals", `"exp":`, `"EXP":9999999999,"exp":`)
	withBody("a name escaped", `"sub":`, `"s\u0075b":`)
	withBody("an unknown claim", `{"iss"`, `{"role":"administrator","iss"`)
	withBody("a beginning of its use far away", `{"iss"`, `{"nbf":9999999999,"iss"`)
	withBody("a space in the payload", `{"iss"`, `{ "iss"`)
	all["a beginning tomorrow"] = forge(t, key.Private, head, i.payload(noon.AddDate(0, 0, 1).Unix()))
	all["a payload that ends twice"] = forge(t, key.Private, head, body+"{}")
	all["null as payload"] = forge(t, key.Private, head, "null")
	all["a list as payload"] = forge(t, key.Private, head, "["+body+"]")
	all["no payload"] = forge(t, key.Private, head, "")

	withHead("type refresh", `"typ":"access"`, `"typ":"refresh"`)
	withHead("type link", `"typ":"access"`, `"typ":"link"`)
	withHead("type of a desk code", `"typ":"access"`, `"typ":"desk_code"`)
	withHead("the library's own type", `"typ":"access"`, `"typ":"JWT"`)
	withHead("no type", `,"typ":"access"`, ``)
	withHead("a type given twice", `"typ":`, `"typ":"refresh","typ":`)
	withHead("a key embedded as jwk", `{"alg"`, `{"jwk":{"kty":"OKP","crv":"Ed25519","x":"`+base64.RawURLEncoding.EncodeToString(stranger.Public)+`"},"alg"`)
	withHead("an address as jku", `{"alg"`, `{"jku":"https://example.org/keys","alg"`)
	withHead("critical extensions", `{"alg"`, `{"crit":["b64"],"b64":false,"alg"`)
	withHead("algorithm none beside a true signature", `"EdDSA"`, `"none"`)
	withHead("algorithm None", `"EdDSA"`, `"None"`)
	withHead("algorithm in small letters", `"EdDSA"`, `"eddsa"`)
	withHead("the algorithm's new name", `"EdDSA"`, `"Ed25519"`)
	withHead("a number as algorithm", `"EdDSA"`, `1`)
	withHead("no algorithm", `"alg":"EdDSA",`, ``)
	withHead("no kid", `"kid":"`+key.ID+`",`, ``)
	withHead("an empty kid", `"kid":"`+key.ID+`"`, `"kid":""`)
	withHead("a list as kid", `"kid":"`+key.ID+`"`, `"kid":["`+key.ID+`"]`)
	withHead("a path as kid", `"kid":"`+key.ID+`"`, `"kid":"../../dev/null"`)
	withHead("a query as kid", `"kid":"`+key.ID+`"`, `"kid":"' or '1'='1"`)
	all["null as header"] = forge(t, key.Private, "null", body)

	all["a key we do not know"] = forge(t, stranger.Private, i.header(stranger), body)
	all["our kid on a stranger's signature"] = forge(t, stranger.Private, head, body)
	withoutSignature(all, i, key, head, body)
	spelled(t, all, forge(t, key.Private, head, body))
	return all
}

// withoutSignature adds tokens signed by something other than an Ed25519 key, or by nothing.
func withoutSignature(all map[string]string, i Issuer, key Key, head, body string) {
	b64 := base64.RawURLEncoding.EncodeToString
	text := func(alg string) string {
		return b64([]byte(strings.Replace(head, "EdDSA", alg, 1))) + "." + b64([]byte(body))
	}
	hs := func(secret []byte) string {
		h := hmac.New(sha256.New, secret)
		h.Write([]byte(text("HS256")))
		return text("HS256") + "." + b64(h.Sum(nil))
	}
	all["no algorithm and no signature"] = text("none") + "."
	all["no signature"] = text("EdDSA") + "."
	all["HS256 signed with the public key"] = hs(key.Public)
	all["HS256 signed with the public key as text"] = hs([]byte(b64(key.Public)))
	all["HS256 signed with an empty secret"] = hs(nil)
	all["a signature of zeros"] = text("EdDSA") + "." + b64(make([]byte, 64))
	if private, err := rsa.GenerateKey(rand.Reader, 2048); err == nil {
		sum := sha256.Sum256([]byte(text("RS256")))
		if sig, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, sum[:]); err == nil {
			all["RS256 truly signed"] = text("RS256") + "." + b64(sig)
		}
	}
}

// spelled adds other spellings of an honest token.
func spelled(t testing.TB, all map[string]string, honest string) {
	t.Helper()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	// 64 bytes of signature leave four unused bits in the last of 86 characters: 16 spellings.
	last := strings.IndexByte(alphabet, honest[len(honest)-1])
	if last < 0 || last%16 != 0 {
		t.Fatalf("the last character %q is not canonical", honest[len(honest)-1])
	}
	for n := 1; n < 16; n++ {
		all[fmt.Sprintf("spelling %d of the last character", n)] = honest[:len(honest)-1] + alphabet[last+n:last+n+1]
	}
	dot := strings.LastIndexByte(honest, '.')
	for name, raw := range map[string]string{
		"nothing":                           "",
		"two dots":                          "..",
		"one part":                          honest[:strings.IndexByte(honest, '.')],
		"two parts":                         honest[:dot],
		"a fourth part":                     honest + ".x",
		"an empty fourth part":              honest + ".",
		"padding":                           honest + "==",
		"a space before":                    " " + honest,
		"a line break behind":               honest + "\n",
		"a line break in the signature":     honest[:dot+5] + "\r\n" + honest[dot+5:],
		"a line break in the header":        honest[:5] + "\n" + honest[5:],
		"the scheme before it":              "Bearer " + honest,
		"a signature one byte short":        honest[:len(honest)-2],
		"a signature with one bit turned":   honest[:dot+1] + flip(honest[dot+1:dot+2]) + honest[dot+2:],
		"a payload with one letter changed": honest[:dot-2] + flip(honest[dot-2:dot-1]) + honest[dot-1:],
		"more than is read":                 honest + strings.Repeat("A", maxAccess),
		"bytes that are no text":            "\x00\xff" + honest,
	} {
		all[name] = raw
	}
}

func flip(letter string) string {
	if letter == "A" {
		return "B"
	}
	return "A"
}

func TestVerifyRefuses(t *testing.T) {
	i, key, stranger := issuer(t), keyFrom(t, 1, noon.Add(-time.Hour)), keyFrom(t, 9, noon)
	ring := ringOf(t, key)
	// What the mutants are made of is accepted; otherwise they would be refused for nothing.
	if _, err := i.Verify(ring, forge(t, key.Private, i.header(key), i.payload(noon.Unix())), noon); err != nil {
		t.Fatalf("the honest token is refused: %v", err)
	}
	all := mutants(t, i, key, stranger)
	if len(all) < 90 {
		t.Errorf("%d mutants, want 90", len(all))
	}
	for name, raw := range all {
		t.Run(name, func(t *testing.T) {
			got, err := i.Verify(ring, raw, noon)
			if !errors.Is(err, ErrInvalid) || got != (Claims{}) {
				t.Fatalf("Verify = %+v, %v; want ErrInvalid", got, err)
			}
			if err.Error() != ErrInvalid.Error() {
				t.Errorf("the error tells more: %v", err)
			}
			// Nor is it taken for one of ours when its time is over.
			if got, err := i.Verify(ring, raw, noon.AddDate(20, 0, 0)); !errors.Is(err, ErrInvalid) && name != "a beginning tomorrow" || got != (Claims{}) {
				t.Errorf("twenty years later Verify = %+v, %v; want ErrInvalid", got, err)
			}
		})
	}
}

func TestVerifyRefusesARetiredKeyAndAnEmptyRing(t *testing.T) {
	i, key := issuer(t), keyFrom(t, 1, noon.Add(-time.Hour))
	raw := signed(t, i, ringOf(t, key), noon)
	key.RetiredAt = noon.Add(-RetiredFor)
	for name, ring := range map[string]Ring{"retired": ringOf(t, key), "empty": {}} {
		if _, err := i.Verify(ring, raw, noon); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	i, key := issuer(f), keyFrom(f, 1, noon.Add(-time.Hour))
	ring := ringOf(f, key)
	honest := signed(f, i, ring, noon)
	f.Add(honest)
	for _, raw := range mutants(f, i, key, keyFrom(f, 9, noon)) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := i.Verify(ring, raw, noon)
		if raw == honest {
			if err != nil {
				t.Fatalf("the honest token is refused: %v", err)
			}
			return
		}
		// Only one token was ever signed for this moment that is ours in all respects.
		if err == nil || got != (Claims{}) {
			t.Fatalf("accepted %q as %+v, %v", raw, got, err)
		}
		if len(raw) > 12 && strings.Contains(err.Error(), raw) {
			t.Fatalf("the error holds the token: %v", err)
		}
	})
}
