package care

import (
	"slices"
	"strings"
	"time"
)

// Kind is what sort of help is asked or offered.
type Kind string

// The kinds of help, in the order in which they are shown.
const (
	GroceriesKind   Kind = "groceries"
	RideKind        Kind = "ride"
	CompanyKind     Kind = "company"
	OddJobKind      Kind = "odd_job"
	GardenKind      Kind = "garden"
	MealKind        Kind = "meal"
	PaperworkKind   Kind = "paperwork"
	DigitalKind     Kind = "digital"
	RespiteKind     Kind = "respite"
	DayActivityKind Kind = "day_activity"
	NightSitKind    Kind = "night_sit"
	PetKind         Kind = "pet"
	HouseholdKind   Kind = "household"
	CheckInKind     Kind = "check_in"
	OtherKind       Kind = "other"
)

// RiskClass says how much two people who do not know each other must trust.
type RiskClass int

const (
	// R0 is in public, with others around.
	R0 RiskClass = iota
	// R1 is one to one in sight of others: in a car, a garden, at the door.
	R1
	// R2 is inside a home, or with somebody's money, keys or papers.
	R2
	// R3 is alone with somebody indoors and with their money, keys or sleep.
	R3
)

// String gives "R0" to "R3".
func (r RiskClass) String() string {
	if r < R0 || r > R3 {
		return "R?"
	}
	return [...]string{"R0", "R1", "R2", "R3"}[r]
}

// Requirement is one thing a helper must have, or the task must have around it: the words below,
// or "training:" with a name.
type Requirement string

const (
	// RequireVOG is the Dutch certificate of conduct, valid on the day of the task.
	RequireVOG Requirement = "vog"
	// RequireBuddy is a second helper who comes along.
	RequireBuddy Requirement = "buddy"
	// RequireKnownFace is a helper whom the resident has met.
	RequireKnownFace Requirement = "known_face"
	// RequireKnownFaceOrBuddy is met by either.
	RequireKnownFaceOrBuddy Requirement = "known_face_or_buddy"
	// RequireVehicle is a vehicle that fits the ride.
	RequireVehicle Requirement = "vehicle"
)

const trainingPrefix = "training:"

// RequireTraining is a training by its name, such as "night_sit".
func RequireTraining(name string) Requirement { return Requirement(trainingPrefix + name) }

// Training gives the name of the training required, and whether it is one.
func (r Requirement) Training() (name string, ok bool) {
	return strings.CutPrefix(string(r), trainingPrefix)
}

// vetted tells whether a vetting can meet the requirement; the rest is met by who is around.
func (r Requirement) vetted() bool {
	name, training := r.Training()
	return r == RequireVOG || training && name != ""
}

// KindRule is what holds for a kind of help before circumstances are known.
type KindRule struct {
	Kind         Kind
	Risk         RiskClass
	Requirements []Requirement // besides those of the risk class; see Requirements
	Duration     time.Duration // what a form proposes
	AnswerTime   time.Duration // how long an ordinary ask stays open
	Iwmo         string        // nearest code of table WMO020, "" where there is none; for figures, never for deciding
}

// Answer times: a day for what is planned ahead; four hours for what spoils or worries (a meal,
// a dog, a check); two days for what asks for arranging a night.
const (
	answerSoon    = 4 * time.Hour
	answerDay     = 24 * time.Hour
	answerTwoDays = 48 * time.Hour
)

// kindRules holds the rules as data, one line a kind, in the order of Kinds.
// Not indexed by a map: the order is part of what callers get.
func kindRules() []KindRule {
	return []KindRule{
		{GroceriesKind, R1, nil, time.Hour, answerDay, ""},
		{RideKind, R1, []Requirement{RequireVehicle}, 2 * time.Hour, answerDay, "08"},
		{CompanyKind, R2, nil, 90 * time.Minute, answerDay, "02"},
		{OddJobKind, R2, nil, 2 * time.Hour, answerDay, "06"},
		{GardenKind, R1, nil, 2 * time.Hour, answerDay, "06"},
		{MealKind, R1, nil, time.Hour, answerSoon, "06"},
		{PaperworkKind, R2, nil, 90 * time.Minute, answerDay, "02"},
		{DigitalKind, R2, nil, time.Hour, answerDay, ""},
		{RespiteKind, R3, []Requirement{RequireTraining("respite")}, 4 * time.Hour, answerTwoDays, "04"},
		{DayActivityKind, R0, nil, 3 * time.Hour, answerDay, "07"},
		{NightSitKind, R3, []Requirement{RequireTraining("night_sit")}, 8 * time.Hour, answerTwoDays, ""},
		{PetKind, R1, nil, time.Hour, answerSoon, ""},
		{HouseholdKind, R2, nil, 2 * time.Hour, answerDay, "01"},
		{CheckInKind, R1, nil, 15 * time.Minute, answerSoon, ""},
		{OtherKind, R2, nil, time.Hour, answerDay, ""},
	}
}

// Kinds lists all kinds, in the fixed order in which they are shown.
func Kinds() []Kind {
	var kinds []Kind
	for _, rule := range kindRules() {
		kinds = append(kinds, rule.Kind)
	}
	return kinds
}

// Rules finds the rule of a kind; false for a word that is no kind. The caller may keep it.
func Rules(kind Kind) (KindRule, bool) {
	for _, rule := range kindRules() {
		if rule.Kind == kind {
			return rule, true
		}
	}
	return KindRule{}, false
}

// Circumstances are what a task has that its kind alone does not tell.
type Circumstances struct {
	AloneIndoors bool // nobody else is in the house
	Money        bool // the helper handles the resident's money or bank card
	Keys         bool // the helper lets themselves in
	Night        bool // the helper is there between 23:00 and 07:00
}

// Risk is the class of a kind in its circumstances. Circumstances never lower the class of the
// kind; a kind that we do not know gets the highest.
func Risk(kind Kind, c Circumstances) RiskClass {
	rule, known := Rules(kind)
	if !known {
		return R3
	}
	trusted := c.Money || c.Keys
	switch {
	case c.AloneIndoors && (trusted || c.Night):
		return R3
	case c.AloneIndoors, trusted, c.Night:
		return max(rule.Risk, R2)
	}
	return rule.Risk
}

// Requirements lists what a task asks for: what its kind says, a VOG from R2 on, and at R3 a
// known face or a buddy as well.
func Requirements(kind Kind, c Circumstances) []Requirement {
	rule, _ := Rules(kind)
	all := slices.Clone(rule.Requirements)
	risk := Risk(kind, c)
	if risk >= R2 {
		all = append(all, RequireVOG)
	}
	if risk >= R3 {
		all = append(all, RequireKnownFaceOrBuddy)
	}
	return all
}

// VettingKind is what was seen: "vog", or "training:" with a name, spelled as the Requirement it meets.
type VettingKind string

// Vetting records that somebody saw a document and until when it holds. It never holds the
// document, its number or a picture.
type Vetting struct {
	Kind       VettingKind
	SeenBy     PersonID
	SeenAt     time.Time
	ValidUntil time.Time // from then on it no longer holds; zero only for a training that does not lapse
}

// longestVetting is how many years what was seen once may count: a VOG says nothing of the years after
// it, and most who ask for one want a new one after three.
const longestVetting = 5

// Validate refuses a vetting that nobody saw, or that could never have been valid.
func (v Vetting) Validate() error {
	switch {
	case !Requirement(v.Kind).vetted() || !plainText(string(v.Kind), 1, 60):
		return Amiss("kind", "vetting_kind_invalid", "a vetting is a VOG or a training by name")
	case v.SeenBy == "" || v.SeenAt.IsZero():
		return E(Invalid, "vetting_not_seen", "a vetting says who saw it and when")
	case v.Kind == VettingKind(RequireVOG) && v.ValidUntil.IsZero():
		return Amiss("validUntil", "vetting_no_end", "a VOG is accepted until a date")
	case !v.ValidUntil.IsZero() && !v.SeenAt.Before(v.ValidUntil):
		return E(Invalid, "vetting_lapsed", "it was no longer valid when it was seen")
	case v.ValidUntil.After(v.SeenAt.AddDate(longestVetting, 0, 0)):
		return Amiss("validUntil", "vetting_too_long", "a vetting is seen again within %d years", longestVetting)
	}
	return nil
}

// holds tells whether the vetting is in force at an instant.
func (v Vetting) holds(at time.Time) bool {
	if at.Before(v.SeenAt) {
		return false
	}
	return at.Before(v.ValidUntil) || v.ValidUntil.IsZero() && v.Kind != VettingKind(RequireVOG)
}

// Missing lists the requirements that a vetting can meet and none of these does on the day of the
// task: not today, and for a task across midnight pass its end. Buddy, known face and vehicle are
// no vettings: see Absent.
func Missing(requirements []Requirement, vettings []Vetting, day time.Time) []Requirement {
	var missing []Requirement
	for _, r := range requirements {
		if !r.Seen(vettings, day) {
			missing = append(missing, r)
		}
	}
	return missing
}

// Seen reports whether what was seen of a helper meets the requirement on a day; one about who is
// around is met by no paper and needs none.
func (r Requirement) Seen(vettings []Vetting, day time.Time) bool {
	return !r.vetted() || slices.ContainsFunc(vettings, func(v Vetting) bool { return v.Kind == VettingKind(r) && v.holds(day) })
}

// Around says who and what a helper brings to one task.
type Around struct{ KnownFace, Buddy, Vehicle bool }

// Absent lists the requirements about who and what is around that are not met. A word that is no
// requirement of ours is absent: rules fail closed.
func Absent(requirements []Requirement, a Around) []Requirement {
	var absent []Requirement
	for _, r := range requirements {
		if !a.Meets(r) {
			absent = append(absent, r)
		}
	}
	return absent
}

// Meets reports whether what is around meets one requirement; one about papers is not its to fail.
func (a Around) Meets(r Requirement) bool {
	switch r {
	case RequireBuddy:
		return a.Buddy
	case RequireKnownFace:
		return a.KnownFace
	case RequireKnownFaceOrBuddy:
		return a.KnownFace || a.Buddy
	case RequireVehicle:
		return a.Vehicle
	}
	return r.vetted()
}
