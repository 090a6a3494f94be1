package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"naober/api/store/vault"
	"naober/matching/care"
)

// heard is how many rings go by between two words about the progress of a rotation.
const heard = 1000

// rotateServiceKey wraps every key of the key store under the service key, beside processes that
// hold both. Its answer is the word that the former key may go.
func rotateServiceKey(ctx context.Context, a operated) (string, error) {
	a.Log.Info("wrapping every key anew; the last look comes some 90 seconds later, when no process has older rings in memory")
	done, err := a.keys.Rewrap(ctx, func(done vault.Rewrapped) {
		if done.Rings%heard == 0 {
			a.Log.Info("wrapped anew", "rings", done.Rings, "keys", done.Keys)
		}
	})
	if err != nil {
		return "", fmt.Errorf("%d keys of %d rings were wrapped anew; the former service key is needed until this is run again to its end: %w", done.Keys, done.Rings, err)
	}
	return fmt.Sprintf("%d keys of %d rings were wrapped anew; nothing is left under the former service key, its file can be thrown away", done.Keys, done.Rings), nil
}

// rotatePersonKey seals what belongs to one person, or to everybody, under new keys, beside
// processes that read and write it.
func rotatePersonKey(flags *flag.FlagSet) act {
	person := flags.String("person", "", "id of the person whose key is renewed")
	all := flags.Bool("all", false, "everybody's key is renewed")
	return func(ctx context.Context, a operated) (string, error) {
		if *all == (*person != "") {
			return "", errors.New("say --person ID or --all")
		}
		var whose care.PersonID
		if !*all {
			id, err := care.ParseID[care.PersonID](*person)
			if err != nil {
				return "", err
			}
			whose = id
		}
		a.Log.Info("sealing anew; former keys go some 90 seconds after the last document, when no process has older rings in memory")
		done, err := a.keys.Renew(ctx, whose)
		if err != nil {
			return "", fmt.Errorf("%d documents were sealed anew; nothing is lost, run this again to its end: %w", done.Documents, err)
		}
		return renewed(done), nil
	}
}

// renewed says what one run of a rotation did.
func renewed(done vault.Renewed) string {
	keys, documents, former := "keys were", "documents", "keys are"
	if done.Rings == 1 {
		keys, former = "key was", "key is"
	}
	if done.Documents == 1 {
		documents = "document"
	}
	said := fmt.Sprintf("%d %s renewed, %d %s sealed anew, the former %s destroyed", done.Rings, keys, done.Documents, documents, former)
	if done.Resumed {
		said += "; this finished a run that was cut off"
	}
	return said
}
