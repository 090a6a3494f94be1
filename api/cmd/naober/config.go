package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"naober/api/feed"
	"naober/notifications/egress"
	"naober/notifications/mail"
)

const serveUsage = `naober serve takes its settings from the environment. Needed are:
  NAOBER_STORE                 a folder, or a mongodb:// URI
  NAOBER_SECRET_FILE           a file with the service key: 64 hexadecimal characters
  NAOBER_PUBLIC_URL            the https address of the service
  NAOBER_SMTP_ADDR             host:port of the mail server, which must offer STARTTLS
  NAOBER_SMTP_FROM             the sender of sign-in codes
Where they are absent, this counts:
  NAOBER_KEY_STORE             the key store lies beside the data
  NAOBER_DATABASE              naober
  NAOBER_LISTEN                127.0.0.1:8080
  NAOBER_WATCH_LISTEN          no metrics, no profiler
  NAOBER_OLD_SECRET_FILE       no service key is being changed
  NAOBER_SMTP_USERNAME         no login at the mail server
  NAOBER_SMTP_PASSWORD
  NAOBER_FCM_PROJECT           no pushes, and who can be reached in no way is not asked
  NAOBER_FCM_CREDENTIALS_FILE
  NAOBER_OUTGOING_ALLOW        mail and pushes call public addresses alone
  NAOBER_TRUSTED_PROXIES       no proxy: X-Forwarded-For counts from nobody
  NAOBER_HOLD                  clocks and messages begin at once
README.md says more of each. serve --faults fails on purpose when it is told to, for tests of apps:
mobile-contract/faults.md.
`

// config is what serve reads from its environment. Every variable starts with NAOBER_.
type config struct {
	Watch     string   // WATCH_LISTEN: loopback address of metrics and profiler; off where it is absent
	Listen    string   // LISTEN: address of the API, 127.0.0.1:8080 where it is absent
	Store     string   // STORE: a folder for the embedded store, or a mongodb:// URI
	Database  string   // DATABASE: name at a MongoDB server, naober where it is absent
	PublicURL string   // PUBLIC_URL: https address of the service; issuer of its tokens
	keys               // SECRET_FILE: a file with 64 hexadecimal characters, the service key; OLD_SECRET_FILE: the former one, while keys are rewrapped; KEY_STORE: where the key store lies, beside the data where it is absent
	Proxies   []string // TRUSTED_PROXIES: addresses and networks whose X-Forwarded-For counts, by commas
	Mail      mail.Config
	Hold      bool // HOLD: "restored" begins with clocks and messages at rest, after a server's own tools put a backup back
	FCM       fcmConfig
	Outgoing  egress.Guard // OUTGOING_ALLOW: addresses and networks that mail and pushes may call though they are not public, by commas
}

// fcmConfig is empty where pushes are switched off.
type fcmConfig struct {
	Project     string // FCM_PROJECT
	Credentials []byte // FCM_CREDENTIALS_FILE: the service account's JSON
	Endpoint    string // FCM_ENDPOINT: only to stand in for Google's
}

// listen is where the API is, where nothing else was said.
const listen = "127.0.0.1:8080"

// settings reads one variable, or what stands for it.
func settings(env func(string) string) func(name, otherwise string) string {
	return func(name, otherwise string) string {
		if v := env("NAOBER_" + name); v != "" {
			return v
		}
		return otherwise
	}
}

// readGround reads where the data lies and the key to it: all that an act of an operator needs.
func (c *config) readGround(get func(name, otherwise string) string) error {
	c.Store, c.Database = get("STORE", ""), get("DATABASE", "naober")
	var wrong []error
	if c.Store == "" {
		wrong = append(wrong, errors.New("NAOBER_STORE is a folder or a mongodb:// URI"))
	}
	if c.Place = get("KEY_STORE", ""); c.Place != "" && onServer(c.Place) != onServer(c.Store) {
		wrong = append(wrong, errors.New("NAOBER_KEY_STORE is a folder where NAOBER_STORE is one, and otherwise a mongodb:// URI"))
	}
	var err error
	if c.Secret, err = readSecret(get("SECRET_FILE", "")); err != nil {
		wrong = append(wrong, fmt.Errorf("NAOBER_SECRET_FILE names a file with 64 hexadecimal characters: %w", err))
	}
	if c.Old, err = readOldSecret(get); err != nil {
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

// readOldSecret reads the former service key, where one is named.
func readOldSecret(get func(name, otherwise string) string) ([][]byte, error) {
	file := get("OLD_SECRET_FILE", "")
	if file == "" {
		return nil, nil
	}
	old, err := readSecret(file)
	if err != nil {
		return nil, fmt.Errorf("NAOBER_OLD_SECRET_FILE names a file with 64 hexadecimal characters: %w", err)
	}
	return [][]byte{old}, nil
}

// readConfig reports everything that is wrong together, by name and without values.
func readConfig(env func(string) string) (config, error) {
	get := settings(env)
	c := config{Listen: get("LISTEN", listen), Watch: get("WATCH_LISTEN", ""),
		PublicURL: get("PUBLIC_URL", ""), FCM: fcmConfig{Project: get("FCM_PROJECT", ""), Endpoint: get("FCM_ENDPOINT", "")}}
	c.Mail = mail.Config{Addr: get("SMTP_ADDR", ""), From: get("SMTP_FROM", ""), Username: get("SMTP_USERNAME", ""), Password: get("SMTP_PASSWORD", "")}
	var wrong []error
	if err := c.readGround(get); err != nil {
		wrong = append(wrong, err)
	}
	bad := func(name, what string) { wrong = append(wrong, fmt.Errorf("NAOBER_%s %s", name, what)) }
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		bad("LISTEN", "is host:port")
	}
	if c.Watch != "" && !loopbackOnly(c.Watch) {
		bad("WATCH_LISTEN", "is a loopback address with a port: it asks for no password")
	}
	if why := get("HOLD", ""); why != "" {
		if c.Hold = why == feed.HoldRestore; !c.Hold {
			bad("HOLD", "is restored, or absent")
		}
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Scheme != "https" || u.Host == "" {
		bad("PUBLIC_URL", "is the https address of the service")
	}
	var err error
	if file := get("FCM_CREDENTIALS_FILE", ""); file != "" {
		if c.FCM.Credentials, err = os.ReadFile(filepath.Clean(file)); err != nil {
			bad("FCM_CREDENTIALS_FILE", "cannot be read")
		}
	}
	if (c.FCM.Project == "") != (len(c.FCM.Credentials) == 0) {
		bad("FCM_PROJECT and NAOBER_FCM_CREDENTIALS_FILE", "go together")
	}
	allowed, err := egress.ParseNetworks(get("OUTGOING_ALLOW", ""))
	if err != nil {
		bad("OUTGOING_ALLOW", "are IP addresses and networks")
	}
	c.Outgoing = egress.Allowing(allowed...)
	c.Mail.Guard = c.Outgoing
	if c.Mail.Addr == "" || c.Mail.From == "" {
		bad("SMTP_ADDR and NAOBER_SMTP_FROM", "say how sign-in codes are mailed")
	} else if _, err := mail.New(c.Mail); err != nil {
		bad("SMTP_ADDR and what belongs to it", "cannot be used: "+strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	for _, p := range strings.Split(get("TRUSTED_PROXIES", ""), ",") {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		if networks, err := egress.ParseNetworks(p); err != nil || networks[0].Bits() == 0 {
			bad("TRUSTED_PROXIES", "are IP addresses and networks, not everybody")
			continue
		}
		c.Proxies = append(c.Proxies, p)
	}
	return c, errors.Join(wrong...)
}

// loopbackOnly reports whether nobody on another machine reaches the address. A name is refused: what
// it stands for can change.
func loopbackOnly(address string) bool {
	where, err := netip.ParseAddrPort(address)
	return err == nil && where.Addr().IsLoopback()
}

// readSecret reads the service key. It lies in a file, so that no process list or crash report
// shows it.
func readSecret(file string) ([]byte, error) {
	if file == "" {
		return nil, errors.New("it is not set")
	}
	raw, err := os.ReadFile(filepath.Clean(file))
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, errors.New("this process may not read it")
	case err != nil:
		return nil, errors.New("there is no such file that can be read")
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(key) != 32 {
		return nil, errors.New("that file holds something else")
	}
	return key, nil
}
