package bench

import (
	"context"
	"fmt"

	"naober/api/app"
	"naober/matching/care"
)

// A household is what one account sees, in pieces of ten documents: a visit that its person agreed to, with the
// address and two messages; three questions put to them; and three requests of their own with a question open.
const (
	pieceDocs = 10
	// restDocs are those beside the pieces: record, book, membership, village and offer.
	restDocs = 5
	// MostDocs is for how many the days ahead have room: a visit has an hour to itself.
	MostDocs = pieceDocs*aheadDays*hoursADay + restDocs
)

// holder is whose documents are synchronised, and neighbour who writes to them; the writers hand in work of their own.
const (
	holder    = 0
	neighbour = 1
)

// household is what was laid for the holder.
type household struct {
	*village
	visits []care.VisitID // in which the neighbour is helped
	asks   []openAsk      // put to the holder, without an answer
	own    []care.RequestID
}

type openAsk struct {
	Request care.RequestID `json:"request"`
	Ask     care.AskID     `json:"ask"`
}

// furnish lays about so many documents before the holder, through the commands wherever one is for people.
func furnish(ctx context.Context, v *village, docs int) (*household, error) {
	h := &household{village: v}
	for n := range max((docs-restDocs+pieceDocs/2)/pieceDocs, 1) {
		if err := h.piece(ctx, n); err != nil {
			return nil, fmt.Errorf("piece %d: %w", n, err)
		}
	}
	return h, v.app.Rebuild(ctx)
}

func (h *household) piece(ctx context.Context, n int) error {
	visit, err := h.agree(ctx, n)
	if err != nil {
		return err
	}
	h.visits = append(h.visits, visit)
	for i, by := range []int{neighbour, holder} {
		text := []string{"Fijn dat je komt, %d. De sleutel ligt onder de bloempot, neem je het lijstje mee?", "Ik ben er om %d minuten over. Tot dan!"}[i]
		if err := h.write(ctx, by, visit, n, fmt.Sprintf(text, n%50)); err != nil {
			return err
		}
	}
	for i := range 3 {
		k := 3*n + i
		other, at := h.people[2+k%(callers-2)], h.visitTime(k%(aheadDays*hoursADay)*callers)
		r, ask, err := h.between(ctx, h.name("question", k), wish(k), other, h.people[holder], at)
		if err != nil {
			return err
		}
		h.asks = append(h.asks, openAsk{r, ask})
		r, _, err = h.between(ctx, h.name("own", k), wish(k+1), h.people[holder], other, at)
		if err != nil {
			return err
		}
		h.own = append(h.own, r)
	}
	return nil
}

// agree has the holder say yes to the neighbour.
func (h *household) agree(ctx context.Context, n int) (care.VisitID, error) {
	id, ask, err := h.between(ctx, h.name("visit", n), wish(n), h.people[neighbour], h.people[holder], h.visitTime(n*callers))
	if err != nil {
		return "", err
	}
	who := app.Caller{Person: h.people[holder].id, Nonce: care.Nonce(h.name("yes", n))}
	if _, err := h.app.AcceptAsk(ctx, who, ask, h.visitTime(n*callers).From); err != nil {
		return "", err
	}
	r, err := h.app.Stores.Requests.Get(ctx, id)
	if err != nil {
		return "", err
	}
	return r.Value.Visits[0].ID, nil
}

// write sends a message of one of the two of a visit.
func (h *household) write(ctx context.Context, by int, visit care.VisitID, n int, text string) error {
	who := app.Caller{Person: h.people[by].id, Nonce: care.Nonce(h.name(fmt.Sprint("word", by, "-"), n))}
	_, err := h.app.SendMessage(ctx, who, visit, text)
	return err
}

// wish are the words of a request, of which no two in a row are alike.
func wish(n int) string {
	return []string{
		"Wie wil boodschappen voor mij doen? Brood, melk, kaas en wat fruit, meer is het niet.",
		"Mijn fiets is stuk en de bus rijdt niet meer. Kan iemand de boodschappen van donderdag meenemen?",
		"Ik mag zes weken niet tillen. Een krat water en aardappels, en een praatje als er tijd is.",
		"Graag voor het weekend: kattenvoer, koffie en de krant van zaterdag.",
	}[n%4] + fmt.Sprintf(" Bel %d keer.", n%9)
}
