package client

import (
	"crypto/aes"
	"crypto/cipher"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
)

// ErrLocked refuses to open a store with another key than its own. Nothing of the store is touched.
var ErrLocked = errors.New("client: this is not the key that the store is sealed with")

// readKey reads a key as the service gives it.
func readKey(key string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil || len(raw) != 32 {
		return nil, errors.New("client: a key is 32 bytes as base64url, as the service gives it")
	}
	return raw, nil
}

// boxOf is the cipher of a store: AES-256-GCM, with its nonce in front of what is sealed.
func boxOf(key string) (cipher.AEAD, error) {
	raw, err := readKey(key)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// hide seals a text for its place; empty stays empty. What is moved to another place does not open.
func (t tx) hide(place, text string) string {
	if text == "" {
		return ""
	}
	return base64.RawStdEncoding.EncodeToString(t.box.Seal(nil, nil, []byte(text), []byte(place)))
}

// show is the way back.
func (t tx) show(place, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err == nil {
		raw, err = t.box.Open(nil, nil, raw, []byte(place))
	}
	if err != nil {
		return "", errors.New("client: what is stored does not open")
	}
	return string(raw), nil
}

// The places of what is sealed.
func placeOfDoc(key string) string    { return "doc " + key }
func placeOfName(nonce string) string { return "name " + nonce }
func placeOfArgs(nonce string) string { return "args " + nonce }

const placeOfMark = "mark"

// unlock proves that the key is the store's, and seals a store that was made before there were keys. fresh tells
// that it did, or that the store is new.
func (t tx) unlock() (fresh bool, err error) {
	mark, err := t.meta(metaSealed)
	if err != nil {
		return false, err
	}
	if mark != "" {
		if _, err := t.show(placeOfMark, mark); err != nil {
			return false, ErrLocked
		}
		return false, nil
	}
	if err := t.sealAll(); err != nil {
		return false, err
	}
	return true, t.setMeta(metaSealed, t.hide(placeOfMark, "naober"))
}

// sealAll seals what lies open.
func (t tx) sealAll() error {
	docs, err := t.rows(`SELECT key, value, '' FROM docs WHERE value <> ''`)
	for _, d := range docs {
		err = errors.Join(err, t.run(`UPDATE docs SET value = ? WHERE key = ?`, t.hide(placeOfDoc(d[0]), d[1]), d[0]))
	}
	for _, table := range []string{"outbox", "journal"} {
		intents, failed := t.rows(`SELECT nonce, name, args FROM ` + table)
		err = errors.Join(err, failed)
		for _, i := range intents {
			err = errors.Join(err, t.run(`UPDATE `+table+` SET name = ?, args = ? WHERE nonce = ?`, t.hide(placeOfName(i[0]), i[1]), t.hide(placeOfArgs(i[0]), i[2]), i[0]))
		}
	}
	return err
}

// rows reads three columns of text.
func (t tx) rows(query string) ([][3]string, error) {
	rows, err := t.Query(query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all [][3]string
	for rows.Next() {
		var row [3]string
		if err := rows.Scan(&row[0], &row[1], &row[2]); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// UnsentIn is how many intents wait in a store that nobody has the key of now, for a screen that says so before its
// person signs in again.
func UnsentIn(path string) (int, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return 0, err
	}
	n := 0
	err = db.QueryRow(`SELECT count(*) FROM outbox WHERE status = 'waiting'`).Scan(&n)
	if err != nil {
		err = fmt.Errorf("client: the store cannot be opened: %w", err)
	}
	return n, errors.Join(err, db.Close())
}
