package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"naober/matching"
	"naober/matching/care"
)

// Ranked is what a wave is planned from, for tests outside.
func Ranked(ctx context.Context, a *App, r care.Request, slot care.SlotID) (matching.Ranking, matching.Need, error) {
	return a.rank(ctx, r, slot, nil)
}

// Indexed is everything that a process's index knows, by offer.
func Indexed(a *App) []matching.Candidate {
	var all []matching.Candidate
	for in := range a.index.shelves.Load().of {
		for offers := range a.index.people(in, ties{}) {
			all = append(all, offers...)
		}
	}
	slices.SortFunc(all, func(a, b matching.Candidate) int { return cmp.Compare(a.Offer.ID, b.Offer.ID) })
	return all
}

// CandidateOf is a candidate as the index would keep it.
func CandidateOf(p care.Person, h care.Helper, o care.Offer) matching.Candidate {
	return candidateOf(p, h, o)
}

// KnownFaces are those who have helped somebody, as the waves know them.
func KnownFaces(ctx context.Context, a *App, resident care.PersonID) (map[care.PersonID]bool, error) {
	t, err := a.tiesOf(ctx, resident)
	return t.known, err
}

// Helped are those whom somebody has helped, as the waves know them.
func Helped(ctx context.Context, a *App, p care.PersonID) (map[care.PersonID]bool, error) {
	t, err := a.tiesOf(ctx, p)
	return t.helped, err
}

// offering is a helper with some offers, all made to one village.
func offering(p, tag int, in care.CommunityID, offers int) []matching.Candidate {
	id := care.PersonID(fmt.Sprintf("p%03d", p))
	home := care.Point{Lat: 52.9, Lon: 6.6 + float64(p)/1000}
	var all []matching.Candidate
	for i := range offers {
		all = append(all, matching.Candidate{Person: id, Home: home, Helper: care.Helper{Person: id, CreatedAt: time.Unix(int64(tag), 0)},
			Offer: care.Offer{ID: care.OfferID(fmt.Sprintf("%s-%d", id, i)), Helper: id, Community: in}})
	}
	return all
}

func TestWhoLooksSeesAWholeVillageWhileOthersChangeIt(t *testing.T) {
	t.Parallel()
	x := newIndex()
	const people, each = 60, 3
	for p := range people {
		x.put(care.PersonID(fmt.Sprintf("p%03d", p)), x.begin(), offering(p, 0, "here", each))
	}
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range 2 {
		writers.Go(func() {
			for n := range 300 {
				p := (2*n + w) % people
				x.put(care.PersonID(fmt.Sprintf("p%03d", p)), x.begin(), offering(p, n, "here", each))
				if n%50 == 0 {
					x.put("passer-by", x.begin(), offering(900+n, n, care.CommunityID(fmt.Sprint("village", w, n)), 1))
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for {
				count, seen := 0, map[care.PersonID]int{}
				for offers := range x.people("here", ties{}) {
					count += len(offers)
					for _, c := range offers {
						if c.Helper.CreatedAt != offers[0].Helper.CreatedAt {
							t.Error("somebody is half as they were and half as they are")
						}
						seen[c.Person]++
					}
				}
				if count != people*each || len(seen) != people {
					t.Errorf("%d offers of %d people, want %d of %d", count, len(seen), people*each, people)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}

func TestTheIndexDoesNotGrowWithWhatHappens(t *testing.T) {
	t.Parallel()
	x := newIndex()
	for n := range 5_000 {
		p := n % 40
		x.put(care.PersonID(fmt.Sprintf("p%03d", p)), x.begin(), offering(p, n, "here", n%4))
	}
	seen, _ := x.sight("here")
	s, live := x.shelves.Load().of["here"], 0
	for offers := range seen.pool.People() {
		live += len(offers)
	}
	if s.next > 4*40 || live+len(s.free) != int(s.next) || len(x.helpers) != 40 {
		t.Errorf("%d ids, %d of them free, for %d offers of %d helpers", s.next, len(s.free), live, len(x.helpers))
	}
}

func TestARebuildKeepsWhatWasReadAnewMeanwhile(t *testing.T) {
	t.Parallel()
	x := newIndex()
	for p := range 3 {
		x.put(care.PersonID(fmt.Sprintf("p%03d", p)), x.begin(), offering(p, 1, "here", 1))
	}
	turn := x.begin()
	x.put("p001", x.begin(), offering(1, 2, "there", 2)) // moves, and offers more
	x.put("p002", x.begin(), nil)                        // ends what they offered
	read := map[care.PersonID][]matching.Candidate{}
	for p := range 4 {
		read[care.PersonID(fmt.Sprintf("p%03d", p))] = offering(p, 1, "here", 1)
	}
	x.replace(read, turn)
	var got []string
	for in := range x.shelves.Load().of {
		for offers := range x.people(in, ties{}) {
			got = append(got, fmt.Sprintf("%s in %s: %d", offers[0].Person, in, len(offers)))
		}
	}
	slices.Sort(got)
	if want := []string{"p000 in here: 1", "p001 in there: 2", "p003 in here: 1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	x.put("p002", turn, offering(2, 1, "here", 1)) // a reading that began before
	if len(x.offers("p002", "here")) != 0 {
		t.Error("an older reading brings somebody back")
	}
}

func TestAVisitDoneWhileOthersAreReadIsKnown(t *testing.T) {
	t.Parallel()
	var f familiar
	begun := f.find("anna")
	f.met("anna", "berend")
	of := func(known ...care.PersonID) ties {
		read := newTies()
		for _, p := range known {
			read.known[p] = true
		}
		return read
	}
	if got := f.keep("anna", begun, of("corrie")); len(got.known) != 2 {
		t.Errorf("known are %v", got.known)
	}
	before := f.find("anna").known
	f.met("anna", "dirk")
	if after := f.find("anna").known; len(before) != 2 || !after["dirk"] {
		t.Errorf("before %v, after %v", before, after)
	}
	begun = f.find("eef")
	f.forget()
	f.keep("eef", begun, of("berend"))
	if f.find("eef").read || f.find("anna").read {
		t.Error("what was read before everything was forgotten is remembered")
	}
	for i := range familiarMost + 5 {
		f.keep(care.PersonID(fmt.Sprint(i)), f.find(care.PersonID(fmt.Sprint(i))), newTies())
	}
	if len(f.with) > familiarMost {
		t.Errorf("%d residents are remembered", len(f.with))
	}
}
