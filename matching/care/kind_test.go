package care

import (
	"slices"
	"testing"
	"time"
)

func TestKindsAreTheFifteenInOrder(t *testing.T) {
	want := []Kind{"groceries", "ride", "company", "odd_job", "garden", "meal", "paperwork", "digital", "respite",
		"day_activity", "night_sit", "pet", "household", "check_in", "other"}
	if got := Kinds(); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	for _, kind := range Kinds() {
		rule, known := Rules(kind)
		if !known || rule.Duration < minVisit || rule.Duration > maxVisit || rule.AnswerTime <= 0 {
			t.Errorf("%s: rule %+v cannot be used", kind, rule)
		}
	}
	if _, known := Rules("mowing"); known {
		t.Error("a word that is no kind has no rule")
	}
}

func TestKindRulesKeepTheCodesOfWMO020(t *testing.T) {
	for kind, code := range map[Kind]string{
		RideKind: "08", CompanyKind: "02", OddJobKind: "06", GardenKind: "06", MealKind: "06", PaperworkKind: "02",
		RespiteKind: "04", DayActivityKind: "07", HouseholdKind: "01", GroceriesKind: "", NightSitKind: "", PetKind: "",
	} {
		if rule, _ := Rules(kind); rule.Iwmo != code {
			t.Errorf("%s: got %q, want %q", kind, rule.Iwmo, code)
		}
	}
}

func TestKindRulesAreNotShared(t *testing.T) {
	rule, _ := Rules(RideKind)
	rule.Requirements[0] = "nothing"
	if again, _ := Rules(RideKind); again.Requirements[0] != RequireVehicle {
		t.Error("a caller changed the rule of everybody")
	}
}

func TestRisk(t *testing.T) {
	for name, row := range map[string]struct {
		kind Kind
		c    Circumstances
		want RiskClass
	}{
		"a day activity is in public":               {DayActivityKind, Circumstances{}, R0},
		"a ride in a car is R1":                     {RideKind, Circumstances{}, R1},
		"groceries at the door are R1":              {GroceriesKind, Circumstances{}, R1},
		"groceries with money are R2":               {GroceriesKind, Circumstances{Money: true}, R2},
		"groceries with a key are R2":               {GroceriesKind, Circumstances{Keys: true}, R2},
		"groceries alone indoors are R2":            {GroceriesKind, Circumstances{AloneIndoors: true}, R2},
		"alone indoors with money is R3":            {GroceriesKind, Circumstances{AloneIndoors: true, Money: true}, R3},
		"alone indoors with keys is R3":             {PetKind, Circumstances{AloneIndoors: true, Keys: true}, R3},
		"alone indoors by night is R3":              {CompanyKind, Circumstances{AloneIndoors: true, Night: true}, R3},
		"a ride by night is R2":                     {RideKind, Circumstances{Night: true}, R2},
		"even a day activity with money is R2":      {DayActivityKind, Circumstances{Money: true}, R2},
		"company at home is R2":                     {CompanyKind, Circumstances{}, R2},
		"night sitting is R3 whatever else":         {NightSitKind, Circumstances{}, R3},
		"respite with money stays R3":               {RespiteKind, Circumstances{Money: true}, R3},
		"a kind that nobody knows gets the highest": {"mowing", Circumstances{}, R3},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Risk(row.kind, row.c); got != row.want {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func TestRiskIsNeverLoweredByCircumstances(t *testing.T) {
	for _, kind := range Kinds() {
		rule, _ := Rules(kind)
		for bits := range 16 {
			c := Circumstances{AloneIndoors: bits&1 > 0, Money: bits&2 > 0, Keys: bits&4 > 0, Night: bits&8 > 0}
			less := Risk(kind, c)
			if less < rule.Risk {
				t.Errorf("%s %+v: %v is below %v", kind, c, less, rule.Risk)
			}
			for _, more := range []Circumstances{
				{true, c.Money, c.Keys, c.Night}, {c.AloneIndoors, true, c.Keys, c.Night},
				{c.AloneIndoors, c.Money, true, c.Night}, {c.AloneIndoors, c.Money, c.Keys, true},
			} {
				if Risk(kind, more) < less {
					t.Errorf("%s: %+v is %v, yet %+v is %v", kind, more, Risk(kind, more), c, less)
				}
			}
		}
	}
}

func TestRequirements(t *testing.T) {
	for name, row := range map[string]struct {
		kind Kind
		c    Circumstances
		want []Requirement
	}{
		"ask nothing in public":                          {DayActivityKind, Circumstances{}, nil},
		"ask a vehicle for a ride":                       {RideKind, Circumstances{}, []Requirement{RequireVehicle}},
		"ask a VOG from R2":                              {GroceriesKind, Circumstances{Money: true}, []Requirement{RequireVOG}},
		"ask a VOG and a known face or buddy at R3":      {PetKind, Circumstances{AloneIndoors: true, Keys: true}, []Requirement{RequireVOG, RequireKnownFaceOrBuddy}},
		"ask a training, VOG and known face for a night": {NightSitKind, Circumstances{}, []Requirement{"training:night_sit", RequireVOG, RequireKnownFaceOrBuddy}},
		"ask the most of what is no kind of ours":        {"mowing", Circumstances{}, []Requirement{RequireVOG, RequireKnownFaceOrBuddy}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Requirements(row.kind, row.c); !slices.Equal(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func TestMissingOnTheDayOfTheTask(t *testing.T) {
	seen, until := nl("2026-01-10T00:00"), nl("2026-06-10T00:00")
	vog := Vetting{Kind: "vog", SeenBy: "desk", SeenAt: seen, ValidUntil: until}
	night := Vetting{Kind: "training:night_sit", SeenBy: "desk", SeenAt: seen}
	asks := []Requirement{RequireVehicle, RequireTraining("night_sit"), RequireVOG, RequireKnownFaceOrBuddy}
	for name, row := range map[string]struct {
		has  []Vetting
		day  time.Time
		want []Requirement
	}{
		"nothing in the last moment it is valid":          {[]Vetting{vog, night}, until.Add(-time.Millisecond), nil},
		"the VOG from the moment it lapses":               {[]Vetting{vog, night}, until, []Requirement{RequireVOG}},
		"the VOG for a task before it was seen":           {[]Vetting{vog, night}, seen.Add(-time.Millisecond), []Requirement{"training:night_sit", RequireVOG}},
		"nothing where an old VOG has a successor":        {[]Vetting{vog, night, {Kind: "vog", SeenBy: "desk", SeenAt: until, ValidUntil: until.AddDate(3, 0, 0)}}, until, nil},
		"all where nothing was seen":                      {nil, seen, []Requirement{"training:night_sit", RequireVOG}},
		"the training where another one was seen":         {[]Vetting{vog, {Kind: "training:respite", SeenBy: "desk", SeenAt: seen}}, seen, []Requirement{"training:night_sit"}},
		"a VOG without an end, which was never valid":     {[]Vetting{night, {Kind: "vog", SeenBy: "desk", SeenAt: seen}}, seen, []Requirement{RequireVOG}},
		"nothing of a training that does not lapse, ever": {[]Vetting{night, vog}, seen, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Missing(asks, row.has, row.day); !slices.Equal(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func TestAbsent(t *testing.T) {
	asks := []Requirement{RequireVOG, RequireVehicle, RequireKnownFaceOrBuddy}
	for name, row := range map[string]struct {
		asks []Requirement
		a    Around
		want []Requirement
	}{
		"all where nobody and nothing is around":  {asks, Around{}, []Requirement{RequireVehicle, RequireKnownFaceOrBuddy}},
		"nothing with a vehicle and a known face": {asks, Around{Vehicle: true, KnownFace: true}, nil},
		"nothing with a vehicle and a buddy":      {asks, Around{Vehicle: true, Buddy: true}, nil},
		"a known face where only a buddy comes":   {[]Requirement{RequireKnownFace, RequireBuddy}, Around{Buddy: true}, []Requirement{RequireKnownFace}},
		"a requirement that nobody can judge":     {[]Requirement{"diploma", "training:"}, Around{true, true, true}, []Requirement{"diploma", "training:"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Absent(row.asks, row.a); !slices.Equal(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func TestVettingRefuses(t *testing.T) {
	good := Vetting{Kind: "vog", SeenBy: "desk", SeenAt: nl("2026-01-10T00:00"), ValidUntil: nl("2029-01-10T00:00")}
	if err := good.Validate(); err != nil {
		t.Fatalf("a plain VOG was refused: %v", err)
	}
	for name, row := range map[string]struct {
		change func(*Vetting)
		code   string
	}{
		"a kind that is none":             {func(v *Vetting) { v.Kind = "diploma" }, "vetting_kind_invalid"},
		"a training without a name":       {func(v *Vetting) { v.Kind = "training:" }, "vetting_kind_invalid"},
		"a known face, which is no paper": {func(v *Vetting) { v.Kind = "known_face" }, "vetting_kind_invalid"},
		"one that nobody saw":             {func(v *Vetting) { v.SeenBy = "" }, "vetting_not_seen"},
		"one seen at no time":             {func(v *Vetting) { v.SeenAt = time.Time{} }, "vetting_not_seen"},
		"a VOG without an end":            {func(v *Vetting) { v.ValidUntil = time.Time{} }, "vetting_no_end"},
		"a VOG for more than five years":  {func(v *Vetting) { v.ValidUntil = v.SeenAt.AddDate(5, 0, 0).Add(time.Millisecond) }, "vetting_too_long"},
		"a training for ever": {func(v *Vetting) {
			v.Kind = "training:first_aid"
			v.ValidUntil = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		}, "vetting_too_long"},
		"one that lapsed as it was seen": {func(v *Vetting) { v.ValidUntil = v.SeenAt }, "vetting_lapsed"},
	} {
		t.Run(name, func(t *testing.T) {
			v := good
			row.change(&v)
			if got := CodeOf(v.Validate()); got != row.code {
				t.Errorf("got %q, want %q", got, row.code)
			}
		})
	}
}
