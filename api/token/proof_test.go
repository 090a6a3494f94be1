package token

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func TestProofs(t *testing.T) {
	i, key := issuer(t), keyFrom(t, 1, noon.Add(-time.Hour))
	ring := ringOf(t, key)
	raw := signed(t, i, ring, noon)
	proven := func(t *testing.T) *Proofs {
		p := &Proofs{}
		for range 2 {
			if got, err := p.Verify(i, ring, raw, noon); err != nil || got.Person != person || got.Session != session {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		return p
	}
	t.Run("what was proven is refused where its key or its time is over", func(t *testing.T) {
		p, retired := proven(t), key
		retired.RetiredAt = noon.Add(-RetiredFor)
		for name, refused := range map[string]error{
			"a retired key": errOf(p.Verify(i, ringOf(t, retired), raw, noon)), "an empty ring": errOf(p.Verify(i, Ring{}, raw, noon)),
			"another key": errOf(p.Verify(i, ringOf(t, keyFrom(t, 9, noon.Add(-time.Hour))), raw, noon)),
			"nobody's":    errOf(p.Verify(Issuer{}, ring, raw, noon)), "before its time": errOf(p.Verify(i, ring, raw, noon.Add(-time.Hour))),
		} {
			if !errors.Is(refused, ErrInvalid) {
				t.Errorf("%s: %v", name, refused)
			}
		}
		other, err := NewIssuer("https://elders.example", "naober-api")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Verify(other, ring, raw, noon); !errors.Is(err, ErrInvalid) {
			t.Errorf("another installation: %v", err)
		}
		if _, err := p.Verify(i, ring, raw, noon.Add(AccessLife+Leeway)); !errors.Is(err, ErrExpired) {
			t.Errorf("after its life: %v", err)
		}
	})
	t.Run("nothing that was made of it is taken for it", func(t *testing.T) {
		p := proven(t)
		for name, forged := range mutants(t, i, key, keyFrom(t, 9, noon)) {
			for range 2 {
				if got, err := p.Verify(i, ring, forged, noon); !errors.Is(err, ErrInvalid) || got != (Claims{}) {
					t.Errorf("%s: %+v, %v", name, got, err)
				}
			}
		}
		if len(p.seen) != 1 {
			t.Errorf("%d tokens are remembered", len(p.seen))
		}
	})
	t.Run("its memory is bounded, and shared", func(t *testing.T) {
		p := &Proofs{}
		var group sync.WaitGroup
		for start := range 4 {
			group.Go(func() {
				for n := range mostProofs / 3 {
					at := noon.Add(time.Duration(start*mostProofs+n) * time.Second)
					one, err := i.Sign(ring, Claims{Person: person, Session: session}, at)
					if err == nil {
						_, err = p.Verify(i, ring, one, at)
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
		if len(p.seen) > mostProofs {
			t.Errorf("%d tokens are remembered", len(p.seen))
		}
	})
}

func errOf(_ Claims, err error) error { return err }
