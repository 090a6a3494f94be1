// Package handset is `naober client`: a phone without a screen, for the command line and for tests of the whole.
// It knows nothing of the service but what mobile-contract says.
package handset

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"naober/mobile-contract/client"
	"naober/mobile-contract/wire"
)

const usage = `naober client --dir D COMMAND: a phone without a screen. Everything but sign-in and sync works without a connection.
  sign-in --server URL --contact C [--code X [--person ID]]   asks for a code, then signs in with it
  sync                                                        hands in what was done, and fetches what is new
  status                                                      what is unsent, asked, agreed and refused
  ask --words W [--kind K] --start T [--minutes N]            asks for help; T as 2026-11-24T10:00:00Z
  offer --kinds K,K [--radius M] [--travel W]                 offers help on weekdays from nine to five
  accept ASK                                                  says yes to a question
  do NAME ARGS                                                any mutation of mobile-contract/sync.md
  export-bundle FILE                                          writes what waits into a file that somebody with a connection hands in
  import-bundle FILE                                          takes in the answer that they bring back
  sign-out [--keep | --discard]                               wipes the device; what is unsent is first sent, kept locked, or discarded

naober client carry-bundle --server URL FILE ANSWER: hands a bundle in for somebody else, without an account, and writes the
answer; neither file can be read or changed by who carries it`

// handset is one device of one account in a folder.
type handset struct {
	out  io.Writer
	link *link
	*client.Client
}

// Run runs `naober client`.
func Run(ctx context.Context, args []string, out, errs io.Writer) error {
	flags := flag.NewFlagSet("naober client", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprintln(errs, usage) }
	dir := flags.String("dir", "", "folder of this device; made where it is absent")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if flags.Arg(0) == "carry-bundle" {
		return carry(ctx, flags.Args()[1:], out, errs)
	}
	if *dir == "" || flags.NArg() == 0 {
		return errors.New("client needs --dir and a command\n" + usage)
	}
	command, rest := flags.Arg(0), flags.Args()[1:]
	if command == "sign-in" {
		return signIn(ctx, *dir, rest, out, errs)
	}
	link, err := openLink(ctx, *dir)
	if err != nil {
		return err
	}
	c, err := client.Open(storeFile(*dir), link.Account, link.Keys.StoreKey, link)
	if err != nil {
		return err
	}
	h := &handset{out: out, link: link, Client: c}
	err = errors.Join(h.run(command, rest, errs), c.Close())
	if link.Account == "" {
		err = errors.Join(err, sweep(*dir))
	}
	return err
}

func (h *handset) run(command string, args []string, errs io.Writer) error {
	switch command {
	case "sync":
		return h.sync()
	case "status":
		return h.status()
	case "ask":
		return h.ask(args, errs)
	case "offer":
		return h.offer(args, errs)
	case "accept":
		if len(args) != 1 {
			return errors.New("accept takes the id of one question; status lists them")
		}
		return h.keep("ask.accept", map[string]any{"ask": args[0]})
	case "do":
		if len(args) != 2 {
			return errors.New("do takes the name of a mutation and its arguments as JSON")
		}
		return h.keep(args[0], json.RawMessage(args[1]))
	case "export-bundle":
		return h.exportBundle(args)
	case "import-bundle":
		return h.importBundle(args)
	case "sign-out":
		return h.signOut(args, errs)
	}
	return fmt.Errorf("there is no client command %q\n%s", command, usage)
}

// keep puts an intent into the outbox and says so once it is on disk.
func (h *handset) keep(name string, args any) error {
	raw, err := json.Marshal(args)
	if err != nil {
		return errors.New("the arguments are not JSON")
	}
	if _, err := h.Do(name, string(raw)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(h.out, "saved on this device")
	return err
}

func (h *handset) sync() error { return h.tell(h.Sync()) }

// tell says what a report says.
func (h *handset) tell(r *client.Report, err error) error {
	switch {
	case r == nil:
		return err
	case r.Gone:
		return errors.Join(err, errors.New("the account was erased, and with it all that was on this device"))
	case r.SignIn:
		return errors.Join(err, errors.New("sign in again; what is unsent waits"))
	case r.Outdated != "":
		return errors.Join(err, fmt.Errorf("the service no longer speaks this version of %s", r.Outdated))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("not complete: %d wait on this device", r.Waiting), err)
	}
	if r.Lost {
		fmt.Fprintln(h.out, "the service came back from a backup and lacks something that was confirmed long ago")
	}
	_, err = fmt.Fprintf(h.out, "sent %d, waiting %d, pages %d\n", r.Sent, r.Waiting, r.Pages)
	return err
}

// status tells from the device alone what stands.
func (h *handset) status() error {
	unsent, err := h.Unsent()
	if err != nil {
		return err
	}
	fmt.Fprintf(h.out, "unsent %d\n", unsent)
	requests, err := held[wire.Request](h, "request")
	if err != nil {
		return err
	}
	for _, r := range requests {
		fmt.Fprintf(h.out, "%s %s %s as %s\n", r.ID, r.Kind, r.State, r.Relation)
		for _, a := range r.Asks {
			if a.State == "asked" && r.Relation == "asked" {
				fmt.Fprintf(h.out, "  question %s: accept it or let it be\n", a.ID)
			}
		}
		for _, v := range r.Visits {
			fmt.Fprintf(h.out, "  visit %s %s at %s\n", v.ID, v.State, time.Time(v.From).Format(time.RFC3339))
		}
	}
	refused, err := held[wire.Outcome](h, "outcome")
	for _, o := range refused {
		fmt.Fprintf(h.out, "refused %s: %s\n", o.Name, o.Code)
	}
	return err
}

// held reads the documents of a kind.
func held[T any](h *handset, kind string) ([]T, error) {
	raw, err := h.Keys(kind)
	if err != nil {
		return nil, err
	}
	var keys []string
	if err := json.Unmarshal([]byte(raw), &keys); err != nil {
		return nil, err
	}
	all := make([]T, len(keys))
	for i, key := range keys {
		value, err := h.Document(key)
		if err == nil {
			err = json.Unmarshal([]byte(value), &all[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// home is the village in which the account lives.
func (h *handset) home() (string, error) {
	members, err := held[wire.Membership](h, "membership")
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(members, func(m wire.Membership) bool { return m.Role == "resident" || m.Role == "volunteer" })
	if i < 0 {
		return "", errors.New("this device does not know its village yet: sync first")
	}
	return members[i].Community, nil
}

// zone is the time zone of a village.
func (h *handset) zone(in string) (string, error) {
	villages, err := held[wire.Community](h, "community")
	for _, v := range villages {
		if v.ID == in {
			return v.Zone, err
		}
	}
	return "", errors.Join(err, errors.New("this device does not know its village yet: sync first"))
}

func (h *handset) ask(args []string, errs io.Writer) error {
	flags := flag.NewFlagSet("naober client ask", flag.ContinueOnError)
	flags.SetOutput(errs)
	words, kind := flags.String("words", "", "what is needed, in one's own words"), flags.String("kind", "other", "which kind of help")
	start, minutes := flags.String("start", "", "when"), flags.Int("minutes", 60, "how long")
	if err := flags.Parse(args); err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, *start)
	if err != nil {
		return errors.New("--start is a moment such as 2026-11-24T10:00:00Z")
	}
	in, err := h.home()
	if err != nil {
		return err
	}
	id := h.NewID()
	fmt.Fprintln(h.out, id)
	slot := wire.NewSlot{Start: wire.Instant(at), End: wire.Instant(at.Add(time.Duration(*minutes) * time.Minute))}
	return h.keep("request.ask", struct {
		ID string `json:"id"`
		wire.NewRequest
	}{id, wire.NewRequest{Community: in, Publish: true, RequestEdit: wire.RequestEdit{Kind: *kind, Words: *words, Urgency: "ordinary", Slots: []wire.NewSlot{slot}}}})
}

func (h *handset) offer(args []string, errs io.Writer) error {
	flags := flag.NewFlagSet("naober client offer", flag.ContinueOnError)
	flags.SetOutput(errs)
	kinds, travel := flags.String("kinds", "", "kinds of help, with commas"), flags.String("travel", "bike", "walk, bike or car")
	radius := flags.Int("radius", 5000, "metres from home")
	if err := flags.Parse(args); err != nil {
		return err
	}
	in, err := h.home()
	if err != nil {
		return err
	}
	zone, err := h.zone(in)
	if err != nil {
		return err
	}
	hours := make([]wire.Window, 0, 5)
	for day := 1; day <= 5; day++ {
		hours = append(hours, wire.Window{Day: day, Start: "09:00", End: "17:00"})
	}
	return h.keep("offer.make", struct {
		ID string `json:"id"`
		wire.NewOffer
	}{h.NewID(), wire.NewOffer{Community: in, OfferEdit: wire.OfferEdit{Kinds: strings.Split(*kinds, ","), Radius: *radius, Travel: *travel,
		Availability: &wire.Availability{Zone: zone, Weekly: hours}}}})
}
