package plan

import (
	"naober/matching/care"
)

// FaceOf is who comes to a series already: the helper of the last of its other visits that was done or
// is agreed. Empty for none, and for what is no series.
func FaceOf(r care.Request, slot care.SlotID) care.PersonID {
	if r.Series == nil {
		return ""
	}
	var face care.Visit
	for _, v := range r.Visits {
		if v.Slot != slot && comes(v) && (face.Helper == "" || v.At.From.After(face.At.From)) {
			face = v
		}
	}
	return face.Helper
}

func comes(v care.Visit) bool { return v.State != care.VisitCalledOff && v.State != care.VisitMissed }
