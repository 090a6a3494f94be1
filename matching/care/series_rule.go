package care

import (
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

const maxRuleLength = 256 // characters; the longest rule a form of ours makes has 60

// twin is a year close to the end of the library's calendar (rrule.MAXYEAR, 9999) whose
// following years have the same weekdays and leap days as those after year. The library looks
// for the next date until its calendar ends, whatever UNTIL says, so a rule that never yields
// (30 February) would cost it 8,000 years; from the twin it has at most 55 to look through.
//
// The calendar repeats every 400 years, and every 28 while no century year is passed.
func twin(year int) int {
	const sameAs1901 = 1901 + 20*400
	far := sameAs1901 + (year-1901)%28
	for far < rrule.MAXYEAR-2*seriesLasts+1 {
		far += 28
	}
	return far
}

// parseRule accepts what our forms and calendars make: DAILY to YEARLY, one time a day. What it
// leaves out (BYWEEKNO, BYYEARDAY, BYEASTER, far ordinals) nobody has asked for, and some of it
// makes the library panic.
func parseRule(rule string, zone *time.Location) (*rrule.ROption, error) {
	if rule == "" || len(rule) > maxRuleLength || strings.Trim(rule, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=;,+-") != "" {
		return nil, Amiss("rule", "series_rule_invalid", "a rule is 1 to %d characters like FREQ=WEEKLY;BYDAY=TU", maxRuleLength)
	}
	parts := make(map[string]string)
	var forLibrary []string
	for _, part := range strings.Split(rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		if _, twice := parts[name]; twice {
			return nil, Amiss("rule", "series_rule_invalid", "the rule names a part twice")
		}
		parts[name] = value
		if name != "UNTIL" {
			forLibrary = append(forLibrary, part)
		}
	}
	if err := checkParts(parts); err != nil {
		return nil, err
	}
	option, err := rrule.StrToROption(strings.Join(forLibrary, ";"))
	if err != nil {
		return nil, Amiss("rule", "series_rule_invalid", "the rule cannot be read")
	}
	if err := checkOrdinals(option); err != nil {
		return nil, err
	}
	if value, given := parts["UNTIL"]; given {
		option.Until, err = parseUntil(value, zone)
	}
	return option, err
}

func checkParts(parts map[string]string) error {
	switch parts["FREQ"] {
	case "DAILY", "WEEKLY", "MONTHLY", "YEARLY":
	case "HOURLY", "MINUTELY", "SECONDLY":
		return Amiss("rule", "series_too_dense", "a series comes back daily at most")
	default:
		return Amiss("rule", "series_rule_invalid", "the rule needs a FREQ")
	}
	for name, value := range parts {
		switch name {
		case "FREQ", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS":
		case "INTERVAL", "COUNT":
			if n, err := strconv.Atoi(value); err != nil || n < 1 || n > 10_000 {
				return Amiss("rule", "series_rule_invalid", "%s is a number from 1 to 10000", name)
			}
		case "BYHOUR", "BYMINUTE", "BYSECOND":
			return Amiss("rule", "series_too_dense", "the time of day comes from the start")
		default:
			return Amiss("rule", "series_unsupported", "the rule has a part that is not supported")
		}
	}
	if _, counted := parts["COUNT"]; counted && parts["UNTIL"] != "" {
		return Amiss("rule", "series_rule_invalid", "COUNT and UNTIL exclude each other")
	}
	return nil
}

// checkOrdinals keeps "the nth Monday" inside a month: the library indexes past its tables beyond.
func checkOrdinals(option *rrule.ROption) error {
	for _, day := range option.Byweekday {
		if day.N() < -5 || day.N() > 5 || (day.N() != 0 && option.Freq > rrule.MONTHLY) {
			return Amiss("rule", "series_rule_invalid", "the nth weekday runs from -5 to 5, of a month or a year")
		}
	}
	return nil
}

// parseUntil reads the three forms of RFC 5545. A date means the whole of that local day, as
// people mean it; an instant in UTC becomes the reading of the clock in the zone.
func parseUntil(value string, zone *time.Location) (time.Time, error) {
	if t, err := time.Parse("20060102", value); err == nil {
		return t.Add(24*time.Hour - time.Second), nil
	}
	if t, err := time.Parse("20060102T150405", value); err == nil {
		return t, nil
	}
	t, err := time.Parse("20060102T150405Z", value)
	if err != nil {
		return time.Time{}, Amiss("rule", "series_rule_invalid", "UNTIL is a date or an instant in UTC")
	}
	_, seconds := t.In(zone).Zone()
	return t.Add(time.Duration(seconds) * time.Second), nil
}
