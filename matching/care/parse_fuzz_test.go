package care

import (
	"strings"
	"testing"
	"time"
)

// FuzzID looks for an id with two spellings.
func FuzzID(f *testing.F) {
	for _, raw := range []string{"01JDB8Q4M2ZT6R0V9XKFW3E7HN", "01jdb8q4m2zt6r0v9xkfw3e7hn", "81JDB8Q4M2ZT6R0V9XKFW3E7HN", "O1JDB8Q4M2ZT6R0V9XKFW3E7HN", "", "\x00"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		id, err := ParseID[RequestID](raw)
		switch {
		case err != nil && (id != "" || !IsKind(err, Invalid)):
			t.Fatalf("%q gives %q beside %v", raw, id, err)
		case err == nil && (string(id) != raw || len(raw) != 26 || raw[0] > '7' || strings.Trim(raw, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != ""):
			t.Fatalf("%q is taken", raw)
		}
	})
}

func FuzzClock(f *testing.F) {
	for _, raw := range []string{"00:00", "07:30", "24:00", "24:01", "7:30", "07:60", "+7:30", "０7:30", "07:3\x00"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if clock, err := ParseClock(raw); err == nil && (clock.String() != raw || clock < 0 || clock > minutesPerDay) {
			t.Fatalf("%q is read as %s", raw, clock)
		}
	})
}

// FuzzLocalTime reads any local time in any zone: an instant comes out that shows the same reading, or
// the first moment after a gap that swallows it.
func FuzzLocalTime(f *testing.F) {
	for _, zone := range []string{"Europe/Amsterdam", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC", "../etc/passwd", ""} {
		for _, raw := range []string{"2027-03-28T02:30", "2026-10-25T02:30", "2011-12-30T12:00", "0000-01-01T00:00", "9999-12-31T23:59", "2026-02-30T10:00"} {
			f.Add(raw, zone)
		}
	}
	f.Fuzz(func(t *testing.T, raw, name string) {
		local, err := ParseLocalTime(raw)
		zone, errZone := LoadZone(name)
		if err != nil || errZone != nil {
			return
		}
		at, err := local.In(zone)
		if err != nil {
			t.Fatal(err)
		}
		wall, err := local.wall()
		if err != nil {
			t.Fatal(err)
		}
		if reads(at, wall, zone) {
			if earlier := at.Add(-time.Hour); reads(earlier, wall, zone) {
				t.Fatalf("%s in %s is %s, and an hour earlier too", raw, name, at)
			}
			return
		}
		if reads(at.Add(-time.Millisecond), wall, zone) || at.Add(-time.Millisecond).In(zone).Format("2006-01-02T15:04:05") > raw+":00" {
			t.Fatalf("%s in %s is %s, which is not the end of a gap", raw, name, at.In(zone))
		}
	})
}

// FuzzAvailability makes windows of bytes, four each. Whatever Validate takes gives intervals in order,
// inside what was asked for.
func FuzzAvailability(f *testing.F) {
	f.Add("Europe/Amsterdam", []byte{2, 36, 48, 0, 6, 92, 28, 1}, int64(1774659600), uint16(48))
	f.Add("Australia/Lord_Howe", []byte{0, 0, 96, 0, 0, 8, 8, 0}, int64(1790000000), uint16(800))
	f.Add("Pacific/Apia", []byte{5, 4, 4, 3}, int64(1325203200), uint16(72))
	f.Fuzz(func(t *testing.T, zone string, raw []byte, from int64, hours uint16) {
		a := Availability{Zone: zone}
		for ; len(raw) >= 4; raw = raw[4:] {
			a.Weekly = append(a.Weekly, Window{Day: time.Weekday(int8(raw[0])), Start: Clock(raw[1]) * 15, End: Clock(raw[2]) * 15})
			if raw[3]&1 == 1 {
				begin := time.Unix(from, 0).UTC().Add(time.Duration(raw[3]) * time.Hour)
				a.Except = append(a.Except, Exception{From: begin, Until: begin.Add(time.Duration(raw[1]) * time.Minute)})
			}
		}
		within := Interval{From: time.Unix(from%(1<<33), 0).UTC()}
		within.Until = within.From.Add(time.Duration(hours) * time.Hour)
		if a.Validate() != nil {
			return
		}
		found, err := a.Windows(within)
		if err != nil {
			if !IsKind(err, Invalid) {
				t.Fatal(err)
			}
			return
		}
		last := within.From
		for _, i := range found {
			if i.From.Before(last) || !i.From.Before(i.Until) || i.Until.After(within.Until) {
				t.Fatalf("%v in %v", found, within)
			}
			last = i.Until
			if covered, err := a.Covers(i); err != nil || !covered {
				t.Fatalf("%v is a window and is not covered: %v", i, err)
			}
		}
	})
}

// FuzzQuiet looks for wishes that Validate takes and by which somebody is disturbed in their rest, or
// never again.
func FuzzQuiet(f *testing.F) {
	f.Add("Europe/Amsterdam", 1260, 480, uint8(1), int64(72000), int64(1774659600), int64(0), int64(0), false)
	f.Add("Europe/Amsterdam", 0, 1440, uint8(0), int64(0), int64(1792893600), int64(1792893600), int64(100000), true)
	f.Add("Australia/Lord_Howe", 100, 40, uint8(126), int64(-5), int64(1790000000), int64(5), int64(-5), true)
	f.Fuzz(func(t *testing.T, zone string, start, end int, days uint8, gap, now, from, lasts int64, today bool) {
		q := Quiet{Zone: zone, Night: Night{Start: Clock(start), End: Clock(end)}, MonthlyLimit: 8, MinGap: time.Duration(gap) * time.Second}
		for day := range time.Weekday(7) {
			if days&(1<<day) != 0 {
				q.RestDays = append(q.RestDays, day)
			}
		}
		at := time.Unix(now%(1<<33), 0).UTC()
		if lasts != 0 {
			begin := time.Unix(from%(1<<33), 0).UTC()
			q.Paused = []Interval{{From: begin, Until: begin.Add(time.Duration(lasts%(1<<24)) * time.Second)}}
		}
		if q.Validate() != nil {
			return
		}
		u := Ordinary
		if today {
			u = Today
		}
		moment, ok := q.NextMoment(at, u)
		switch {
		case !ok:
			t.Fatalf("%+v: nobody may ever ask after %s", q, at)
		case moment.Before(at):
			t.Fatalf("%s lies before %s", moment, at)
		}
		if again, ok := q.NextMoment(moment, u); !ok || !again.Equal(moment) {
			t.Fatalf("%s is a moment, and then it is %s", moment, again)
		}
		for _, p := range q.Paused {
			if !moment.Before(p.From) && moment.Before(p.Until) {
				t.Fatalf("%s lies in the pause %v", moment, p)
			}
		}
	})
}

// FuzzSlot looks for a time that is taken and is none: see validateSlots.
func FuzzSlot(f *testing.F) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	f.Add(now.Add(time.Hour).UnixMilli(), now.Add(2*time.Hour).UnixMilli(), int64(0), 1)
	f.Add(now.Add(2*time.Hour).UnixMilli(), now.Add(time.Hour).UnixMilli(), int64(5), 1)
	f.Add(int64(-1<<62), int64(1<<62), int64(1<<62), 20)
	f.Fuzz(func(t *testing.T, start, end, minutes int64, seats int) {
		s := Slot{Start: time.UnixMilli(start).UTC(), End: time.UnixMilli(end).UTC(), Duration: time.Duration(minutes) * time.Minute, Seats: seats}
		if err := validateSlots([]Slot{s}, now); err != nil {
			if !IsKind(err, Invalid) {
				t.Fatal(err)
			}
			return
		}
		lasts := s.Earliest()
		switch {
		case !s.Start.Before(s.End), !s.End.After(now), s.Seats < 1, s.Seats > 20, s.Start.After(now.AddDate(1, 0, 0)):
			t.Fatalf("%+v is taken", s)
		case lasts.Until.After(s.End), s.LatestStart().Before(s.Start), s.Takes() < 5*time.Minute, s.Takes() > 24*time.Hour:
			t.Fatalf("%+v is taken, and does not fit", s)
		}
	})
}
