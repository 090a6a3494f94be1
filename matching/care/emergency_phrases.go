package care

// emergencyPhrase is one reason to say "call 112 now" first, with the ways people write it.
//
// A way is a row of words. `a|b` is either, `a*` any word that begins so, `_` up to three words of
// any sort in between. Words come as normalise leaves them: lower case, without accents.
type emergencyPhrase struct {
	key  string
	ways []string
}

// emergencyPhrases is the list, Dutch and English. It leans to the safe side: a needless flag
// costs one tap on "no emergency", a missed one may cost a life.
func emergencyPhrases() []emergencyPhrase {
	return []emergencyPhrase{
		{"call_112", []string{
			"112", "1 1 2", "een een twee", "call|dial|phone|bel 911|999", "bel|bellen _ alarmnummer|noodnummer",
			"ambulance|ambulances|ambulanse", "ziekenwagen|ziekenauto", "noodgeval", "emergency",
		}},
		{"chest_pain", []string{
			"pijn|pyn|steken _ borst|borstkas|borstbeen|bors", "borst doet|doen _ pijn|zeer", "pijnlijke borst", "borstpijn", "druk _ op|in _ borst",
			"drukkend|beklemmend* _ borst", "chest pain|pains", "pain|pressure _ chest", "chest hurts", "tight* _ chest",
			"hartaanval|hartinfarct|hartstilstand", "hart aanval|infarct|stilstand", "heart attack", "cardiac arrest", "geen hartslag|polsslag", "no pulse",
		}},
		{"cannot_breathe", []string{
			"kan|kunnen|krijg|krijgt|haal|haalt _ niet|geen|nauwelijks|amper|bijna|moeilijk _ adem*", "krijg|krijgt _ geen|nauwelijks|amper|bijna _ lucht",
			"ademt|ademen niet|nauwelijks|amper", "adem* moeilijk", "benauwd|benauwdheid", "ademnood", "erg|heel|ineens|plotseling|zo kortademig", "hapt|happen naar adem|lucht",
			"stikt", "aan het stikken", "dreigt|bijna te stikken", "verslikt", "cant|cannot|not|hardly|barely|struggl* _ breath|breathe|breathing", "is|am choking", "short of breath",
		}},
		{"unconscious", []string{
			"bewusteloos|bewusteloze", "buiten bewustzijn|westen", "niet bij bewustzijn|kennis", "flauwgevallen|flauwgevalle", "flauw gevallen",
			"niet _ wakker krijgen|maken|worden|te", "krijg|krijgen|word|wordt _ niet _ wakker", "reageert niet|nergens|nauwelijks", "niet aanspreekbaar",
			"unconscious|unresponsive", "passed out", "not|wont wake up", "collapsed", "not responding",
		}},
		{"stroke", []string{
			"beroerte|herseninfarct|hersenbloeding", "scheve mond|gezicht", "mond|gezicht _ scheef|hangt", "praat|spreekt _ onduidelijk|wartaal", "wartaal",
			"plotseling|ineens|opeens _ verlamd|verlamming", "arm|been _ niet _ bewegen|optillen", "a stroke", "face _ drooping|droops", "slurr* speech|words", "speech _ slurr*",
		}},
		{"heavy_bleeding", []string{
			"bloedt|bloeden|bloeding _ hevig|erg|heel|enorm|stopt", "hevig|hevige|erg|enorm|flink|ernstig|ernstige bloedt|bloeden|bloeding|bloedend|bloedende", "veel bloed", "bloed|bloedt|bloeding|bloeden _ niet _ stelpen|stoppen|stopt",
			"overal bloed", "slagaderlijk*", "braakt|spuugt|hoest|braken|spugen|ophoesten _ bloed", "bloed braken|spugen|spuwen|ophoesten",
			"bleed* _ heavily|badly|profusely", "bleeding a lot", "heavy bleeding", "lot of blood", "not|wont stop bleeding", "coughing|vomiting blood",
		}},
		{"suicide", []string{
			"zelfmoord*|zelfdoding|suicid*", "wil|wilt|wou|hoef|hoeft _ niet|nie meer leven", "niet meer|verder willen|verder leven", "wil|wilt|wou|liever|gewoon|echt dood|doodgaan", "dood wil|willen|wilt",
			"eind|einde aan mijn|zijn|haar leven", "er een eind|einde aan maken|maak|maakt", "zichzelf|mezelf|mijzelf|hemzelf|haarzelf iets aan _ doen", "van kant maken", "uit het leven stappen",
			"kill|hurt|harm myself|himself|herself|themselves", "end my|his|her life", "want|wants|wanted to die", "dont|doesnt|not want to live",
		}},
		{"fire", []string{
			"brand", "brandt _ huis|keuken|schuur|woning", "huis|keuken|schuur|woning|schoorsteen brandt", "in de fik", "schoorsteenbrand|keukenbrand|woningbrand", "vlammen", "lichterlaaie",
			"rookmelder|brandmelder|rookalarm _ af", "on fire", "fire in _ house|kitchen|home|flat|room|shed", "house|kitchen|chimney fire", "fire brigade", "bel _ brandweer",
		}},
		{"gas", []string{
			"gaslucht|gaslek", "ruik|ruikt|ruiken|stinkt _ gas", "gas ruik*|ontsnapt", "koolmonoxide", "co vergiftiging|melder|alarm", "smell|smells|smelling gas", "smell of gas", "gas leak", "carbon monoxide",
		}},
		{"fallen", []string{
			"gevallen|gevalle|viel _ niet|nie _ opstaan|overeind|omhoog|bewegen", "gevallen|gevalle _ kan|kom|komt _ niet|nie", "niet|nie meer|zelf opstaan|overeind", "kan|kunnen _ niet opstaan|overeind|omhoog", "niet meer overeind|op komen",
			"ligt|lig|liggen _ op de grond|vloer", "trap _ gevallen|afgevallen|gedonderd", "van _ trap|dak|ladder gevallen|gevalle", "gevallen _ hoofd|heup", "gebroken heup", "heup _ gebroken",
			"fallen|fell _ not|cant|cannot _ up|stand|move", "lying on the floor|ground", "fell _ down the stairs", "broken|broke _ hip",
		}},
		{"poisoning", []string{
			"vergiftigd|vergiftiging", "vergif|gif|rattengif|chloor|bleek|bleekmiddel|bleekwater|ontstopper|gootsteenontstopper|schoonmaakmiddel|methanol _ gedronken|ingeslikt|doorgeslikt|ingenomen|binnen|gegeten",
			"te veel pillen|medicijnen|tabletten|slaappillen|insuline", "teveel pillen|medicijnen|tabletten|slaappillen|insuline", "overdosis", "heel|hele pot|doos|potje|strip _ pillen|slaappillen",
			"overdose*", "poisoned", "too many pills|tablets", "drank|drunk|swallowed _ bleach|poison",
		}},
		{"seizure", []string{
			"epileptische aanval", "epilepsie aanval", "epilepsieaanval", "heeft|krijgt|kreeg een toeval", "stuipen|stuiptrekking|stuiptrekkingen|stuiptrekt", "heeft|krijgt|heb een hypo", "seizure", "convulsing|convulsions",
		}},
		{"drowning", []string{
			"verdrinkt|verdrinken|verdronken", "in het|de|een water|kanaal|sloot|vijver gevallen|gevalle|beland", "te water geraakt", "door het ijs gezakt", "drowning|drowned", "fallen|fell in|into _ water|canal|pond|ditch",
		}},
		{"violence", []string{
			"inbreker|inbrekers", "wordt|word _ ingebroken", "bedreig* _ mes|wapen|pistool", "heeft een mes|pistool|wapen", "mes getrokken", "slaat mij|me|haar|hem|mama|papa", "word|wordt|ben _ geslagen|mishandeld|aangevallen|bedreigd",
			"neergestoken|doodgeslagen|verkracht", "burglar|intruder", "breaking into", "has a knife|gun", "being attacked|beaten", "he|she hits me|her|him", "stabbed|raped",
		}},
		{"accident", []string{
			"ernstig|zwaar ongeluk|ongeval|gewond|verbrand", "aangereden", "onder de tractor|trekker", "elektrische schok", "badly|severely|seriously hurt|injured|burned|burnt", "been|was|got run over", "derdegraads", "ernstige allergische reactie", "anafyla*|anaphyla*", "severe allergic",
		}},
	}
}
