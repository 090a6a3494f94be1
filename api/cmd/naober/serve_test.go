package main

import (
	"testing"

	"naober/matching/care"
	"naober/notifications/mail"
)

// TestAMailThatFailsSaysWhy: the log of a code that was not sent names the reason.
func TestAMailThatFailsSaysWhy(t *testing.T) {
	sender, err := mail.New(mail.Config{Addr: "127.0.0.1:1", From: "naober@naober.example", TLS: mail.None})
	if err != nil {
		t.Fatal(err)
	}
	err = mailPostman{sender}.SendCode(t.Context(), care.Contact{Kind: care.Mail, Value: "geesje@dorp.example"}, "nl", "1234 5678")
	if care.CodeOf(err) != "mail_network" {
		t.Errorf("code %q: %v", care.CodeOf(err), err)
	}
}
