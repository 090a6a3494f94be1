package demo

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"text/tabwriter"

	"naober/matching/care"
)

// Console lets the postman, the neighbours and the demo itself print to one terminal.
type Console struct {
	mu  sync.Mutex
	out io.Writer
}

// NewConsole shares out.
func NewConsole(out io.Writer) *Console { return &Console{out: out} }

// Write implements io.Writer; each call stands whole.
func (c *Console) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Write(b)
}

// Welcome prints what the demo holds, where it is reached, what an act of an operator on it is given as
// NAOBER_STORE (on a server as NAOBER_DATABASE) and NAOBER_SECRET_FILE, and who can sign in how.
func (w *World) Welcome(out io.Writer, p Ports, clock *Clock, folder *Folder, onServer bool) error {
	where, err := care.LoadZone(zone)
	if err != nil {
		return err
	}
	store := folder.Store()
	if onServer {
		store = "database " + folder.Facts.Database
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "Naober demo: %d villages, %d invented people, %d of them help\n\n", len(w.Communities), len(w.Persons), len(w.Helpers))
	fmt.Fprintf(table, "API\t%s\ncontrol\t%s\npush service\t%s\nfolder\t%s\nstore\t%s\nservice key\t%s\nclock\t%s\n\n", p.API, p.Control, p.FCM, folder.Path, store, folder.SecretFile(),
		clock.Now().In(where).Format("Monday 2 January 2006 15:04 MST"))
	fmt.Fprintf(table, "role\tname\tlives in\tmail\n")
	for _, part := range w.Cast {
		if part.RuledOut == "" {
			fmt.Fprintf(table, "%s\t%s %s\t%s\t%s\n", part.title(), part.FirstName, part.LastName, part.Town, part.Mail)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprint(out, w.hints(p))
	return err
}

// hints say how to play: signing in as the app does, the short way in, and the hands of the clock.
func (w *World) hints(p Ports) string {
	mail := w.Cast[0].Mail
	for _, part := range w.Cast {
		if part.Name == "resident" {
			mail = part.Mail
		}
	}
	const json = "-H 'Content-Type: application/json'"
	return "\nSign in as the app does; the code is printed here:\n" +
		"  curl -s " + p.API + "/v1/sign-in/codes " + json + " -d '{\"contact\":\"" + mail + "\"}'\n" +
		"  curl -s " + p.API + "/v1/sign-in/tokens " + json + " -d '{\"flow\":\"FLOW\",\"code\":\"CODE\",\"device\":\"my terminal\"}'\n" +
		"  curl -s " + p.API + "/v1/me -H 'Authorization: Bearer ACCESS'\n" +
		"or at once (\"phone\": true also gives them a phone that takes pushes, see /fcm):\n" +
		"  curl -s " + p.Control + "/tokens -d '{\"mail\":\"" + mail + "\",\"phone\":true}'\n\n" +
		"Nobody is asked at night or on a Sunday: move the clock, forward only. Access tokens last 15 minutes of it.\n" +
		"  curl -s " + p.Control + "/clock -d '{\"advance\":\"9h\"}'\n" +
		"  curl -s " + p.Control + "/fcm              the pushes so far\n" +
		"  curl -s -X POST " + p.Control + "/settle   waits until nothing is left to do\n" +
		"Volunteers answer by themselves after a while, until you sign in as one of them.\n\n"
}

// title names what somebody is in the table of accounts.
func (p Part) title() string {
	if slices.Contains(p.Roles, care.Volunteer) {
		return string(care.Volunteer)
	}
	return p.Name
}
