package mongostore

import (
	"context"

	"naober/api/app"
	"naober/api/port"
)

// basisKey is where a call that changes something notes a document as it last read or wrote it.
type basisKey struct{ of port.DocRef }

// based reports whether documents of a kind are read and then changed, or changed twice, by one call.
func based(kind string) bool { return kind == "ledger" || kind == "requests" || kind == "helpers" }

// noteBasis keeps a document for the rest of the call, as a basis for its next change there.
func (c collection[K, T, R]) noteBasis(ctx context.Context, doc document) {
	if moment := app.PreludeOf(ctx); moment != nil && based(c.codec.Kind) {
		moment.Note(basisKey{c.ref(doc.ID)}, doc)
	}
}

// fromBasis makes a change on the document as the call knows it, without reading it again. Only a
// write that found that very revision counts, or one of which nobody knows: a refusal, a nonce that is
// there, nothing to write and a lost race are for Update to find out on what stands now.
func (c collection[K, T, R]) fromBasis(ctx context.Context, id string, w port.Write, change port.Change[T]) (_ port.Stored[T], done bool, _ error) {
	var none port.Stored[T]
	moment := app.PreludeOf(ctx)
	doc, known := moment.Seen(basisKey{c.ref(id)}).(document)
	if !known {
		return none, false, nil
	}
	moment.Note(basisKey{c.ref(id)}, nil)
	if doc.holds(w.Nonce) || w.IfVer != 0 && w.IfVer != doc.Ver {
		return none, false, nil
	}
	old, err := c.stored(ctx, doc)
	if err != nil {
		return none, true, err
	}
	value, events, err := change(old.Value)
	if err != nil {
		return none, false, nil
	}
	next, err := c.next(ctx, doc, old.Value, value, events, w)
	if err != nil || next.Rev == doc.Rev {
		return none, false, nil
	}
	stored, lost, err := c.replace(ctx, doc.Rev, next)
	return stored, !lost, err
}
