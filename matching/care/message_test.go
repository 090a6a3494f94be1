package care

import (
	"strings"
	"testing"
)

func TestMessageSend(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		to   PersonID
		code string
	}{
		"of one line":              {"Ik ben er om twee uur.", resident, ""},
		"of two lines":             {"Hallo,\ntot morgen.", resident, ""},
		"of a thousand characters": {strings.Repeat("é", 1000), resident, ""},
		"of one more":              {strings.Repeat("é", 1001), resident, "text_invalid"},
		"of nothing":               {" ", resident, "text_invalid"},
		"to oneself":               {"hallo", "bert", "message_to_self"},
	} {
		m, events, err := Message{ID: "m1", From: "bert", To: row.to, Text: row.text}.Send(june("12:00"))
		if CodeOf(err) != row.code || (err == nil && (len(events) != 1 || !m.At.Equal(june("12:00")))) {
			t.Errorf("a message %s: %v, %v", name, events, err)
		}
	}
}

func TestFeedbackGive(t *testing.T) {
	missed := must(planned(nil).NoShow(planned(nil).Visits[0].ID, asRequester(), nextDay("14:15")))
	for name, row := range map[string]struct {
		of    Request
		side  Party
		words string
		code  string
	}{
		"once it is done":                        {finished(nil), Requester, "Fijn", ""},
		"once it has begun":                      {begun(nil), HelperParty, "", ""},
		"where nobody came":                      {missed, Requester, "", ""},
		"not before":                             {planned(nil), Requester, "", "visit_state"},
		"not by the owner":                       {finished(nil), Owner, "", "not_your_visit"},
		"not in more than a thousand characters": {finished(nil), Requester, strings.Repeat("a", 1001), "words_invalid"},
	} {
		_, events, err := Feedback{Side: row.side, Words: row.words, Good: true}.Give(row.of.Visits[0], nextDay("17:00"))
		if CodeOf(err) != row.code || (err == nil && (len(events) != 1 || events[0].Code != "good")) {
			t.Errorf("feedback is given %s: %v, %v", name, events, err)
		}
	}
}
