package app

import (
	"context"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// Caller is who calls a command: proven by an access token, never by anything in the body.
type Caller struct {
	Person  care.PersonID
	Session SessionID
	// Nonce is the client's key of this intent; commands that change something need one.
	Nonce care.Nonce
	// Subject is the id that the client gave to what a command makes; empty where it leaves that to the server.
	Subject string
	// IfVer is the version that the client saw, where it sent one; 0 means any.
	IfVer int64
}

// rights are what a person may do now. They are read from the store at each call, so that an ended
// membership counts at the next one.
type rights struct {
	person  care.PersonID
	records []care.PersonID // every record of the person
	now     time.Time
	members []care.Membership
}

// rights reads a person's memberships that are active now.
func (a *App) rights(ctx context.Context, p care.PersonID) (rights, error) {
	r := rights{person: p, records: a.selves(p), now: a.clock()}
	found, err := findAll(ctx, a.Stores.Memberships, port.Key{Name: ByPerson, Value: string(p)})
	if err != nil {
		return rights{}, err
	}
	for _, m := range found {
		if m.Active(r.now) {
			r.members = append(r.members, m)
		}
	}
	return r, nil
}

// is reports whether a record is one of the person.
func (r rights) is(p care.PersonID) bool { return slices.Contains(r.records, p) }

// in reports whether the person holds one of the roles in the community.
func (r rights) in(c care.CommunityID, roles ...care.Role) bool {
	for _, m := range r.members {
		if m.Community == c && c != "" && hasRole(m, roles) {
			return true
		}
	}
	return false
}

// at reports whether the person holds one of the roles in the organisation.
func (r rights) at(o care.OrganizationID, roles ...care.Role) bool {
	for _, m := range r.members {
		if m.Organization == o && o != "" && hasRole(m, roles) {
			return true
		}
	}
	return false
}

// staff reports whether the person does intake for the community: desk, fixed worker, or a
// professional who works there.
func (r rights) staff(c care.CommunityID) bool {
	return r.in(c, care.DeskWorker, care.FixedWorker, care.ProfessionalRole)
}

// office reports whether the person holds any role that can own or oversee requests.
func (r rights) office() bool {
	return slices.ContainsFunc(r.members, func(m care.Membership) bool {
		return hasRole(m, []care.Role{care.FixedWorker, care.DeskWorker, care.Moderator, care.GuarantorRole, care.Administrator})
	})
}

// organizations lists the bodies in which the person holds one of the roles.
func (r rights) organizations(roles ...care.Role) []care.OrganizationID {
	var found []care.OrganizationID
	for _, m := range r.members {
		if m.Organization != "" && hasRole(m, roles) {
			found = append(found, m.Organization)
		}
	}
	return found
}

// communities lists where the person holds one of the roles.
func (r rights) communities(roles ...care.Role) []care.CommunityID {
	var found []care.CommunityID
	for _, m := range r.members {
		if m.Community != "" && hasRole(m, roles) {
			found = append(found, m.Community)
		}
	}
	return found
}

func hasRole(m care.Membership, roles []care.Role) bool {
	for _, role := range roles {
		if m.Role == role {
			return true
		}
	}
	return false
}

// findAll reads every document under a key, page by page. It is for keys that a community's or a
// person's life bounds.
func findAll[K ~string, T any](ctx context.Context, docs port.Documents[K, T], key port.Key) ([]T, error) {
	const step = 200
	var all []T
	after := ""
	for {
		page, err := docs.Find(ctx, key, port.Page{After: after, Limit: step})
		if err != nil {
			return nil, err
		}
		for _, d := range page {
			all = append(all, d.Value)
		}
		if len(page) < step {
			return all, nil
		}
		after = page[len(page)-1].ID
	}
}
