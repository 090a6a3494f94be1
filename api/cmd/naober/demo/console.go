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

// Welcome prints what the demo holds, where it is reached, and who can sign in how.
func (w *World) Welcome(out io.Writer, p Ports, clock *Clock, folder string) error {
	where, err := care.LoadZone(zone)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "Naober demo: %d villages, %d invented people, %d of them help\n\n", len(w.Communities), len(w.Persons), len(w.Helpers))
	fmt.Fprintf(table, "API\t%s\ncontrol\t%s\npush service\t%s\nfolder\t%s\nclock\t%s\n\n", p.API, p.Control, p.FCM, folder,
		clock.Now().In(where).Format("Monday 2 January 2006 15:04 MST"))
	fmt.Fprintf(table, "role\tname\tlives in\tmail\n")
	for _, part := range w.Cast {
		if part.RuledOut == "" {
			fmt.Fprintf(table, "%s\t%s %s\t%s\t%s\n", part.title(), part.FirstName, part.LastName, part.Village, part.Mail)
		}
	}
	fmt.Fprintf(table, "\nSign in as the app does (the code is printed here):\n")
	fmt.Fprintf(table, "  curl -s %s/v1/sign-in/codes -H 'Content-Type: application/json' -d '{\"contact\":\"%s\"}'\n", p.API, w.Cast[0].Mail)
	fmt.Fprintf(table, "or at once (\"phone\": true also switches on a phone that gets push messages):\n")
	fmt.Fprintf(table, "  curl -s %s/tokens -d '{\"mail\":\"%s\",\"phone\":true}'\n\n", p.Control, w.Cast[0].Mail)
	return table.Flush()
}

// title names what somebody is in the table of accounts.
func (p Part) title() string {
	if slices.Contains(p.Roles, care.Volunteer) {
		return string(care.Volunteer)
	}
	return p.Name
}
