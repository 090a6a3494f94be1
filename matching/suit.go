package matching

// Suit judges one candidate alone: when they would come, and from when they may be asked. False where a
// rule keeps them out. It weighs nobody, so the fit has neither a score nor reasons: for whoever asks of
// many candidates whether one thing more still fits into their book.
func Suit(n Need, c Candidate) (Fit, bool) {
	n.memo = &memo{required: requirements(n)}
	all := rules()
	if judge(n, c, all).first < len(all) {
		return Fit{}, false
	}
	asked := whenAsked(n, c)
	visit, _ := Hour(asked, c)
	return Fit{Candidate: c, Visit: visit, Bound: BoundAt(n, c, visit), Metres: int(n.metres(c)), Travel: travelTo(n, c), AskFrom: asked.Now}, true
}
