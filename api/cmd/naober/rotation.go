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
//
// The root ring goes first, so a server without the new key opens nothing from the first moment on. No
// command sees which servers there are: the operator says that each was restarted.
func rotateServiceKey(flags *flag.FlagSet) act {
	restarted := flags.Bool("servers-restarted", false, "every server runs with the new key and the former one")
	return func(ctx context.Context, a operated) (string, error) {
		if len(a.keys.Old) > 0 && !*restarted {
			return "", errors.New("every server must first be restarted with the new key in NAOBER_SECRET_FILE and the former one in NAOBER_OLD_SECRET_FILE: " +
				"one that was not opens nothing any more once this begins. When all were, say --servers-restarted")
		}
		return rewrapAll(ctx, a)
	}
}

func rewrapAll(ctx context.Context, a operated) (string, error) {
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
		if care.CodeOf(err) == "ring_not_found" {
			return "", fmt.Errorf("there is nobody of the id %s: nothing was done", whose)
		}
		if err != nil {
			return "", fmt.Errorf("%d documents were sealed anew; nothing is lost, run this again to its end: %w", done.Documents, err)
		}
		return renewed(done), nil
	}
}

// verifyKeys looks for people whose data is older than a rotation of their key.
func verifyKeys(ctx context.Context, a operated) (string, error) {
	people, err := a.keys.Lost(ctx)
	if err == nil && people > 0 {
		err = vault.Lost(people)
	}
	return "everything that is sealed is under a key that there is, or of somebody who was forgotten", err
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
