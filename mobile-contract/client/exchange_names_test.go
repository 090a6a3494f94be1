package client

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// names are what the client made up, by the names that the file gives it.
type names map[string]string

// fitsKind reports whether a value can be what its name says.
func fitsKind(name, value string) bool {
	if strings.HasPrefix(name, "$ulid.") {
		return len(value) == 26 && value[0] <= '7' && strings.Trim(value, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == ""
	}
	return len(value) == 22 && strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func isName(s string) bool { return strings.HasPrefix(s, "$ulid.") || strings.HasPrefix(s, "$nonce.") }

// match compares what the client sent or holds with what the file says. An object has at least the fields that are
// written; in args and cookie it has exactly those.
func (n names) match(want, got any, at string) error {
	switch want := want.(type) {
	case map[string]any:
		if _, is := want["$count"]; is {
			return n.matchCount(want, got, at)
		}
		object, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is %v", at, got)
		}
		exact := strings.Contains(at, ".args") || strings.HasSuffix(at, ".cookie")
		if exact && len(object) != len(want) {
			return fmt.Errorf("%s has other fields: %v", at, object)
		}
		for name, one := range want {
			value, given := object[name]
			if !given {
				return fmt.Errorf("%s lacks %s", at, name)
			}
			if err := n.match(one, value, at+"."+name); err != nil {
				return err
			}
		}
		return nil
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Errorf("%s is %v, want %d", at, got, len(want))
		}
		for i := range want {
			if err := n.match(want[i], list[i], fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
		return nil
	case string:
		if text, ok := got.(string); ok && isName(want) {
			return n.bind(want, text)
		}
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Errorf("%s is %v, want %v", at, got, want)
	}
	return nil
}

func (n names) matchCount(want map[string]any, got any, at string) error {
	list, ok := got.([]any)
	if count, _ := want["$count"].(float64); !ok || len(list) != int(count) {
		return fmt.Errorf("%s are %d", at, len(list))
	}
	var err error
	if first, given := want["first"]; given {
		err = n.match(first, list[0], at+".first")
	}
	if last, given := want["last"]; given && err == nil {
		err = n.match(last, list[len(list)-1], at+".last")
	}
	return err
}

// bind gives a name its value, or compares it with the one that it has. Two names never have the same value.
func (n names) bind(name, value string) error {
	if known, is := n[name]; is {
		if known != value {
			return fmt.Errorf("%s is %s, and was %s", name, value, known)
		}
		return nil
	}
	if !fitsKind(name, value) {
		return fmt.Errorf("%s cannot be %q", name, value)
	}
	for other, known := range n {
		if known == value {
			return fmt.Errorf("%s is the same as %s", name, other)
		}
	}
	n[name] = value
	return nil
}

// fill puts values in place of names, in what the service answers.
func (n names) fill(v any, sent any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if each, is := v["$each"]; is {
			return n.each(each, sent)
		}
		if keys, is := v["$check"]; is {
			return n.check(keys)
		}
		filled := map[string]any{}
		for key, one := range v {
			key, err := n.text(key)
			if err != nil {
				return nil, err
			}
			if filled[key], err = n.fill(one, sent); err != nil {
				return nil, err
			}
		}
		return filled, nil
	case []any:
		filled := []any{}
		for _, one := range v {
			value, err := n.fill(one, sent)
			if err != nil {
				return nil, err
			}
			filled = append(filled, value)
		}
		return filled, nil
	case string:
		return n.text(v)
	}
	return v, nil
}

// text puts the value of a name in its place, also behind "outcome/".
func (n names) text(s string) (string, error) {
	at := strings.Index(s, "$")
	if at < 0 || !isName(s[at:]) {
		return s, nil
	}
	value, known := n[s[at:]]
	if !known {
		return "", fmt.Errorf("%s has no value yet", s[at:])
	}
	return s[:at] + value, nil
}

// each makes a result for every mutation that was sent.
func (n names) each(result, sent any) (any, error) {
	all := []any{}
	push, _ := sent.(map[string]any)
	mutations, _ := push["mutations"].([]any)
	for _, m := range mutations {
		mutation, _ := m.(map[string]any)
		one := map[string]any{"clientID": mutation["clientID"], "id": mutation["id"]}
		for name, value := range result.(map[string]any) {
			one[name] = value
		}
		all = append(all, one)
	}
	return all, nil
}

func (n names) check(keys any) (any, error) {
	filled, err := n.fill(keys, nil)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, key := range filled.([]any) {
		all = append(all, key.(string))
	}
	slices.Sort(all)
	sum := sha256.Sum256([]byte(strings.Join(append(all, ""), "\n")))
	return map[string]any{"n": len(all), "h": hex.EncodeToString(sum[:8])}, nil
}
