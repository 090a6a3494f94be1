package place

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"naober/matching/care"
)

func TestAll(t *testing.T) {
	all := All()
	if len(all) != 94 {
		t.Fatalf("%d places, want 94", len(all))
	}
	ids, names, labels := map[ID]bool{}, map[string]bool{}, map[string]bool{}
	for i, p := range all {
		key := p.Name + "|" + p.Municipality
		if ids[p.ID] || names[key] || labels[p.Label()] {
			t.Errorf("%s occurs twice", p.Label())
		}
		ids[p.ID], names[key], labels[p.Label()] = true, true, true
		if p.Point.Lat < 52.6 || p.Point.Lat > 53.25 || p.Point.Lon < 6.1 || p.Point.Lon > 7.1 {
			t.Errorf("%s lies outside Drenthe: %v", p.Label(), p.Point)
		}
		if p.Population < 500 || p.Population > 70_000 {
			t.Errorf("%s has %d people", p.Label(), p.Population)
		}
		if i > 0 && all[i-1].Name > p.Name {
			t.Errorf("%s is out of order", p.Label())
		}
	}
}

func TestAllGivesItsCallerASliceOfItsOwn(t *testing.T) {
	All()[0].Name = "Atlantis"
	if got := All()[0].Name; got != "Aalden" {
		t.Errorf("the first place became %s", got)
	}
}

func TestByName(t *testing.T) {
	for name, tc := range map[string]struct {
		ask, label string
	}{
		"a name":                              {"Grolloo", "Grolloo"},
		"in another case and with blanks":     {" grolloo ", "Grolloo"},
		"with an accent":                      {"Tweede Exloërmond", "Tweede Exloërmond"},
		"of two villages tells which":         {"Witteveen", "Witteveen (Midden-Drenthe)"},
		"by its label":                        {"Witteveen (Midden-Drenthe)", "Witteveen (Midden-Drenthe)"},
		"added by hand without a twin":        {"Smilde", "Smilde"},
		"added by hand in Hoogeveen":          {"Hollandscheveld", "Hollandscheveld"},
		"by the label of its twin is unknown": {"Witteveen (Westerveld)", ""},
		"that nobody knows":                   {"Atlantis", ""},
		"that is empty":                       {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var labels []string
			for _, p := range ByName(tc.ask) {
				labels = append(labels, p.Label())
			}
			if got := strings.Join(labels, ", "); got != tc.label {
				t.Errorf("ByName(%q) = %q, want %q", tc.ask, got, tc.label)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	for name, tc := range map[string]struct {
		at   care.Point
		want string
	}{
		"of a village's own point is the village": {care.Point{Lat: 52.935, Lon: 6.67222}, "Grolloo"},
		"of a house at its edge is the village":   {care.Point{Lat: 52.939, Lon: 6.68}, "Grolloo"},
		"of somewhere far is the closest edge":    {care.Point{Lat: 52.37, Lon: 4.9}, "Meppel"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Nearest(tc.at).Name; got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestWithin(t *testing.T) {
	grolloo := ByName("Grolloo")[0].Point
	for name, tc := range map[string]struct {
		metres float64
		want   string
	}{
		"nothing at all finds nothing":    {-1, ""},
		"no distance finds the place":     {0, "Grolloo"},
		"six kilometres add the next one": {6_000, "Grolloo, Rolde"},
		"more of them go nearest first":   {8_500, "Grolloo, Rolde, Borger"},
	} {
		t.Run(name, func(t *testing.T) {
			var names []string
			for _, p := range Within(grolloo, tc.metres) {
				names = append(names, p.Name)
			}
			if got := strings.Join(names, ", "); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestDistance(t *testing.T) {
	for name, tc := range map[string]struct {
		a, b care.Point
		want float64
	}{
		"to itself is nothing":              {care.Point{Lat: 52.9, Lon: 6.6}, care.Point{Lat: 52.9, Lon: 6.6}, 0},
		"of a degree north is 111.2 km":     {care.Point{Lat: 52, Lon: 6}, care.Point{Lat: 53, Lon: 6}, 111_195},
		"of a degree east is shorter there": {care.Point{Lat: 53, Lon: 6}, care.Point{Lat: 53, Lon: 7}, 66_917},
		"across the date line is short":     {care.Point{Lat: 0, Lon: 179.5}, care.Point{Lat: 0, Lon: -179.5}, 111_195},
		"to the other side is half a round": {care.Point{Lat: 0, Lon: 0}, care.Point{Lat: 0, Lon: 180}, 20_015_115},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Distance(tc.a, tc.b); math.Abs(got-tc.want) > 2 {
				t.Errorf("got %.1f m, want %.1f m", got, tc.want)
			}
		})
	}
}

func TestDistanceIsAMetric(t *testing.T) {
	point := rapid.Custom(func(t *rapid.T) care.Point {
		return care.Point{Lat: rapid.Float64Range(50, 54).Draw(t, "lat"), Lon: rapid.Float64Range(3, 8).Draw(t, "lon")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := point.Draw(t, "a"), point.Draw(t, "b"), point.Draw(t, "c")
		if Distance(a, b) != Distance(b, a) {
			t.Fatal("the way back is another length")
		}
		if Distance(a, c) > Distance(a, b)+Distance(b, c)+0.01 {
			t.Fatal("a detour is shorter than the straight line")
		}
	})
}

func TestDestinationsLieInOrNearDrenthe(t *testing.T) {
	for _, d := range Destinations() {
		if near := Distance(d.Point, Nearest(d.Point).Point); near > 6_000 {
			t.Errorf("%s in %s is %.0f m from any place", d.Name, d.Town, near)
		}
	}
}

func TestParse(t *testing.T) {
	const head = "id,name,municipality,lat,lon,population,doubled,source\n"
	for name, text := range map[string]string{
		"a line with a column missing": "1,A,B,52,6,10,no\n",
		"a place without a name":       "1,,B,52,6,10,no,hand\n",
		"a point off the earth":        "1,A,B,152,6,10,no,hand\n",
		"a population of words":        "1,A,B,52,6,many,no,hand\n",
		"a latitude of words":          "1,A,B,north,6,10,no,hand\n",
		"a longitude that is missing":  "1,A,B,52,,10,no,hand\n",
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			if got, err := parse(head + text); err == nil {
				t.Errorf("read as %v", got)
			}
		})
	}
}
