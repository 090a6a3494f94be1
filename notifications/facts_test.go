package notifications

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"naober/matching/care"
)

// silent are the facts that are nobody's message, on purpose.
var silent = map[care.EventType]string{
	care.RequestDrafted:    "who drafted it knows; the owner's clock watches it",
	care.RequestPublished:  "the dispatcher acts",
	care.RequestChanged:    "a draft is its author's",
	care.RequestWaveDue:    "the dispatcher acts",
	care.RequestWaveEmpty:  "the promise clock tells the owner",
	care.RequestHandedOver: "the referral tells the resident",
	care.SlotAdded:         "the dispatcher acts",
	care.SlotSkipped:       "its visits are cancelled one by one",
	care.SlotReopened:      "the dispatcher acts; the visit that fell away is told",
	care.AskDeclined:       "a no is nobody's business",
	care.AskLapsed:         "a silence neither",
	care.AskUndelivered:    "it comes from here",
	care.VisitStarted:      "both are there",
	care.VisitDone:         "both were there",
	care.HelperBlocked:     "never told to anybody",
	care.HelperBooked:      "the visit is told",
	care.HelperFreed:       "the visit is told",
	care.HelperChanged:     "their own change",
	care.OfferMade:         "their own",
	care.OfferChanged:      "their own",
	care.OfferEnded:        "their own",
	care.PersonRegistered:  "they were there",
	care.PersonChanged:     "their own change",
	care.PersonLeft:        "their visits are told one by one; where they are is nobody's business",
	care.PersonReturned:    "what resumes is looked for anew",
	care.PersonMoved:       "the desk has a task",
	care.PersonDied:        "told by a person, never by a message",
	care.PersonViewed:      "read in their own list of who looked",
	care.PersonForgetting:  "whom it touches is told by what ends",
	care.PersonForgotten:   "there is nobody left to tell",
	care.PersonMerging:     "a claim, from which nothing follows yet",
	care.PersonMerged:      "done at the desk, who tells them; whom it touches is told by what ends",
	care.PersonUnmerging:   "the desk tells them",
	care.PersonUnmerged:    "the desk tells them",
	care.PersonCarriedOver: "whom it touches is told by what ends",
	care.PersonCarriedBack: "the desk tells them",
	care.MembershipStarted: "told by who granted it",
	care.CommunityWeighed:  "an order that a village chose; nobody in it is told",
	care.MembershipEnded:   "told by who ended it",
	care.FeedbackGiven:     "for the owner to read, and not for the other side",
	care.ReportTaken:       "the answer is told",
}

// eventTypes reads the constants out of the source, so that a new one is seen here.
func eventTypes(t *testing.T) []care.EventType {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../matching/care/event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []care.EventType
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "EventType" {
			return true
		}
		for _, v := range spec.Values {
			literal, ok := v.(*ast.BasicLit)
			if !ok {
				t.Fatalf("%s is no literal", spec.Names)
			}
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, care.EventType(value))
		}
		return true
	})
	if len(all) < 50 {
		t.Fatalf("found %d event types only", len(all))
	}
	return all
}

func TestEveryFactIsToldOrSilentOnPurpose(t *testing.T) {
	all := eventTypes(t)
	for _, e := range all {
		_, quiet := silent[e]
		if told := len(tellings(e)) > 0; told == quiet {
			t.Errorf("%s: told %t, silent %t", e, told, quiet)
		}
	}
	for e := range silent {
		if !slices.Contains(all, e) {
			t.Errorf("%s is no fact", e)
		}
	}
}

func TestTheTableIsSound(t *testing.T) {
	for _, e := range eventTypes(t) {
		seen := map[string]audience{}
		for _, line := range tellings(e) {
			other, twice := seen[line.key]
			if twice && (line.to == toOwner || other == toOwner) {
				t.Errorf("%s: %s for an owner and a party alike: who is both gets one of the two", e, line.key)
			}
			seen[line.key] = line.to
			if line.door && line.class == Question {
				t.Errorf("%s: a question breaks no rest", e)
			}
			if (line.class == Duty) != (line.to == toOwner || line.to == toReceivers || e == care.ReportFiled) {
				t.Errorf("%s: %s is a %s", e, line.key, line.class)
			}
		}
	}
}
