package story

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"naober/api/cmd/naober/demo"
	"naober/mobile-contract/wire"
)

// arrival is how everybody gets in: a quiet Tuesday morning, and codes by mail.
func (p *Player) arrival() []step {
	return []step{
		{"a Tuesday morning in Grolloo", p.openVillage},
		{"the desk signs in by mail: a wrong code is refused, the right one counts", p.deskSignsIn},
		{"a refresh token whose answer was lost gives the same successor again", p.refreshTwice},
		{"the others sign in, and their phones take pushes", p.othersSignIn},
	}
}

func (p *Player) openVillage(ctx context.Context) (string, error) {
	cast, err := p.control.Cast(ctx)
	if err != nil {
		return "", err
	}
	for _, part := range cast {
		p.cast[part.Name] = part
	}
	stranger := NewClient(p.line)
	if p.village, err = get[wire.Community](ctx, stranger, "/v1/communities/"+string(p.cast["desk_worker"].Community)); err != nil {
		return "", err
	}
	if err := p.moveToNext(ctx, time.Tuesday, 10); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d people in the cast", len(cast)), same("the village", "Grolloo", p.village.Name)
}

func (p *Player) deskSignsIn(ctx context.Context) (string, error) {
	wrong, err := p.signIn(ctx, p.cast["desk_worker"], true)
	return fmt.Sprintf("refused with %s", codeOf(wrong)), all(err, refusedWith("a wrong code", wrong, "code_invalid"))
}

// signIn signs somebody in as their device does. With trying a wrong code is sent first, and wrong
// is what came of it.
func (p *Player) signIn(ctx context.Context, part demo.Part, trying bool) (wrong, err error) {
	device := NewClient(p.line)
	for range 4 { // a code is forgotten by a postman who is killed; then one asks for another
		flow, err := post[wire.Flow](ctx, device, "/v1/sign-in/codes", wire.CodeRequest{Contact: part.Mail})
		if err != nil {
			return nil, err
		}
		code, known, err := p.control.Code(ctx, part.Mail)
		if err != nil {
			return nil, err
		}
		if !known {
			continue
		}
		if trying {
			_, wrong = post[wire.SignedIn](ctx, device, "/v1/sign-in/tokens", wire.Redemption{Flow: flow.Flow, Code: otherThan(code), Device: "telefoon"})
		}
		in, err := post[wire.SignedIn](ctx, device, "/v1/sign-in/tokens", wire.Redemption{Flow: flow.Flow, Code: code, Device: "telefoon"})
		if err != nil {
			return wrong, err
		}
		if in.Tokens == nil || in.Tokens.Person != string(part.Person) {
			return wrong, mismatch("who signed in", part.Name, "somebody else, or nobody")
		}
		device.hold(*in.Tokens)
		p.devices[part.Name] = device
		return wrong, nil
	}
	return nil, errors.New("no code arrived in four tries")
}

// otherThan is a code that is not this one.
func otherThan(code string) string {
	digits := []byte(code)
	for i, d := range digits {
		if d >= '0' && d <= '9' {
			digits[i] = '0' + (d-'0'+1)%10
		}
	}
	return string(digits)
}

func (p *Player) refreshTwice(ctx context.Context) (string, error) {
	device := p.device("desk_worker")
	held := device.held()
	first, err1 := refresh(ctx, p.line, held.Refresh)
	second, err2 := refresh(ctx, p.line, held.Refresh)
	if err := all(err1, err2, same("the second answer's refresh token", first.Refresh, second.Refresh)); err != nil {
		return "", err
	}
	if err := holds("the successor", "another token than the one it replaces", first.Refresh != held.Refresh); err != nil {
		return "", err
	}
	device.hold(second)
	me, err := get[wire.Profile](ctx, device, "/v1/me")
	return "1 successor, 2 answers", all(err, same("whose tokens these are", p.person("desk_worker"), me.ID))
}

func (p *Player) othersSignIn(ctx context.Context) (string, error) {
	for _, name := range []string{"fixed_worker", "moderator", "professional", "formal_care", "driver_near", "driver_second", "driver_third", "driver_visiting"} {
		if _, err := p.signIn(ctx, p.cast[name], false); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.devices)) {
		token := "story-" + name + "-" + p.person(name)
		p.phones.tokens[name] = token
		if err := put(ctx, p.device(name), "/v1/me/push-token", wire.PushToken{Token: token}); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
	}
	return fmt.Sprintf("%d devices", len(p.devices)), nil
}
