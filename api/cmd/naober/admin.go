package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"naober/api/app"
	"naober/api/contact"
	"naober/api/store/vault"
	"naober/matching/care"
)

const adminUsage = `naober admin, with the NAOBER_STORE, NAOBER_KEY_STORE, NAOBER_DATABASE and NAOBER_SECRET_FILE of serve, on a store
that serve or demo has begun:
  rotate-keys           a new key for access tokens; nobody is signed out
  rotate-service-key    [--servers-restarted]: every key of the key store under NAOBER_SECRET_FILE; NAOBER_OLD_SECRET_FILE
                        names the former one, and every server must have been restarted with both
  rotate-person-key     --person ID | --all: a new key for what is sealed about them; the former one is destroyed
  create-organization   --kind association|professional|formal_care --name NAME
  create-community      --name NAME --town TOWN --lat N --lon N --association ID [--guarantor ID] [--zone ZONE]
  verify-keys           fails where the data is older than a rotate-person-key, as after a restore, and tells of how many people
  parked                the events that keep failing, and what waits behind them: ids and codes
  verify-audit          [--anchor HEAD]: reads the whole audit log; prints its head, to be kept elsewhere
  grant-first-role      --person ID --role ROLE [--community ID] [--organization ID] [--deputy]
`

// admin runs one act of an operator beside or before the service. What it makes it prints as an id.
func admin(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) error {
	act, err := readAct(args, errs)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	var c config
	if err := c.readGround(settings(env)); err != nil {
		return err
	}
	s, closeStore, err := openStanding(ctx, c)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	a := app.New(app.Settings{Stores: s.Stores(), Now: time.Now, Log: slog.New(slog.NewTextHandler(errs, nil)), Secret: s.Vault().Secret(),
		Region: contact.HomeRegion})
	made, err := audited(args[0], act)(ctx, operated{a, s.Vault()})
	if err == nil {
		_, err = fmt.Fprintln(out, made)
	}
	return errors.Join(err, closeStore())
}

// act is what an operator asked for; it tells the id of what it made, or a word.
type act func(context.Context, operated) (string, error)

// operated is what an operator acts on.
type operated struct {
	*app.App
	keys *vault.Vault
}

// audited writes an act into the audit log before it is done, also the reading of the log itself.
func audited(name string, do act) act {
	return func(ctx context.Context, a operated) (string, error) {
		if err := a.AuditOperator(ctx, name, ""); err != nil {
			return "", fmt.Errorf("the act was not done, for the audit log cannot be written: %w", err)
		}
		return do(ctx, a)
	}
}

// readAct reads the whole command line before anything is opened.
func readAct(args []string, errs io.Writer) (act, error) {
	acts := map[string]func(*flag.FlagSet) act{
		"rotate-keys":         func(*flag.FlagSet) act { return rotateKeys },
		"create-organization": createOrganization,
		"create-community":    createCommunity,
		"grant-first-role":    grantFirstRole,
		"rotate-person-key":   rotatePersonKey,
		"rotate-service-key":  rotateServiceKey,
		"verify-keys":         func(*flag.FlagSet) act { return verifyKeys },
		"parked":              func(*flag.FlagSet) act { return listParked },
		"verify-audit":        verifyAudit,
	}
	if len(args) == 0 || acts[args[0]] == nil {
		return nil, errors.New("what is to be done?\n" + strings.TrimRight(adminUsage, "\n"))
	}
	flags := flag.NewFlagSet("naober admin "+args[0], flag.ContinueOnError)
	flags.SetOutput(errs)
	chosen := acts[args[0]](flags)
	if err := flags.Parse(args[1:]); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("%s takes no %q", args[0], flags.Arg(0))
	}
	return chosen, nil
}

func rotateKeys(ctx context.Context, a operated) (string, error) {
	return "rotated", a.RotateKeys(ctx)
}

func createOrganization(flags *flag.FlagSet) act {
	kind := flags.String("kind", "", "association, professional or formal_care")
	name := flags.String("name", "", "as people know it")
	return func(ctx context.Context, a operated) (string, error) {
		made, err := a.CreateOrganization(ctx, care.Organization{Kind: care.OrganizationKind(*kind), Name: *name})
		return string(made), err
	}
}

func createCommunity(flags *flag.FlagSet) act {
	var c care.Community
	flags.StringVar(&c.Name, "name", "", "as people know it")
	flags.StringVar(&c.Town, "town", "", "the place it is named after")
	flags.StringVar(&c.Zone, "zone", "Europe/Amsterdam", "IANA time zone")
	flags.Float64Var(&c.Point.Lat, "lat", 0, "latitude of its centre")
	flags.Float64Var(&c.Point.Lon, "lon", 0, "longitude of its centre")
	association := flags.String("association", "", "id of its association")
	guarantor := flags.String("guarantor", "", "id of the professional organisation that must answer")
	return func(ctx context.Context, a operated) (string, error) {
		c.Association, c.Guarantor = care.OrganizationID(*association), care.OrganizationID(*guarantor)
		if c.Association == "" {
			return "", errors.New("say --association ID")
		}
		made, err := a.CreateCommunity(ctx, c)
		return string(made), err
	}
}

func grantFirstRole(flags *flag.FlagSet) act {
	person := flags.String("person", "", "id of somebody who has registered")
	role := flags.String("role", string(care.Administrator), "the role")
	community := flags.String("community", "", "where it acts")
	organization := flags.String("organization", "", "the body it is held in")
	deputy := flags.Bool("deputy", false, "acts where the first holder is away")
	return func(ctx context.Context, a operated) (string, error) {
		made, err := a.GrantFirstRole(ctx, care.Membership{Person: care.PersonID(*person), Community: care.CommunityID(*community),
			Organization: care.OrganizationID(*organization), Role: care.Role(*role), Deputy: *deputy})
		return string(made), err
	}
}
