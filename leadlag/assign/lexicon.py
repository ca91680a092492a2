"""Families of words that the coach's rules are written on, in base form and singular."""

from __future__ import annotations

import re

__all__ = [
    "ACQUIRE", "ADJECTIVES", "ADVERBS", "AGAIN", "ARRIVE_THINGS", "ATTAIN", "ATTENTION_THINGS",
    "ATTENTION_VERBS", "BUILT_THINGS", "BUSINESS", "COMPANY_THINGS", "CUSTOMERS", "DELIVER",
    "DOWN", "FEATURES", "GENERIC", "GOOD", "HOLD", "IMPROVE", "MADE_THINGS", "MAKE",
    "MEASURES", "OUR_WORK", "PARTS", "PEOPLE", "SENTIMENT", "SETUP", "STOPS", "UP",
    "UPSTREAM_THINGS", "UPSTREAM_VERBS", "USE", "VAGUE", "family", "in_family", "joined",
    "singular",
]  # fmt: skip


def family(text: str) -> frozenset[str]:
    """Make a family of the words of a text.

    Parameters
    ----------
    text : str
        Words with spaces between them.

    Returns
    -------
    frozenset of str

    Examples
    --------
    >>> sorted(family("ship launch"))
    ['launch', 'ship']
    """
    return frozenset(text.split())


# --- what a goal does with a number ---------------------------------------------------------------
UP = family(
    "increase raise grow boost lift improve double triple quadruple maximise maximize expand "
    "enlarge accelerate strengthen advance up drive elevate gain push enhance scale"
)
DOWN = family(
    "reduce cut lower decrease shorten halve minimise minimize shrink lessen drop slash down "
    "curb trim eliminate prevent fewer less avoid limit bring-down speed"
)
HOLD = family("hold keep maintain stay stabilise stabilize sustain preserve")
ACQUIRE = family(
    "get acquire win reach hit achieve attain attract recruit land gain add sign onboard have "
    "convert secure bring generate earn collect source exceed"
)
IMPROVE = family(
    "improve optimise optimize enhance streamline simplify modernise modernize polish refine fix "
    "perfect strengthen personalise personalize tune"
)

# --- verbs of delivery, and what is delivered -----------------------------------------------------
DELIVER = family(
    "close fix merge deliver ship launch release build create introduce implement rollout "
    "migrate redesign publish write develop deploy integrate setup design upgrade replace "
    "rewrite refactor automate localise localize relaunch rebuild revamp overhaul prototype "
    "code install construct produce offer provide enable allow support give add complete finish "
    "run conduct organise organize host train hire open move switch standardise standardize "
    "document draft prepare establish consolidate port pilot test beta unveil make let rebrand "
    "translate digitise digitize adopt adapt define set plan start begin sunset retire kickoff "
    "outsource procure buy purchase decommission deprecate archive unify rename restructure "
    "reorganise reorganize restyle redo remake centralise centralize embed renovate refurbish "
    "equip erect recondition certify audit map wireframe configure provision patch containerise "
    "containerize benchmark negotiate present survey digitalise digitalize film sign-off print "
    "rewire retrofit outfit relocate"
)
BUILT_THINGS = family(
    "software app feature page site website platform portal dashboard integration api crm erp "
    "tool module version chatbot bot assistant engine system service product prototype mvp sdk "
    "plugin widget wizard migration redesign rollout programme program campaign documentation "
    "guide tutorial release launch sso login authentication architecture warehouse pipeline "
    "infrastructure roadmap strategy playbook mode theme checkout homepage catalogue catalog "
    "marketplace model algorithm kiosk gateway project initiative upgrade beta pilot framework "
    "library course database cluster cloud backend frontend codebase stack environment "
    "repository server network device hardware firmware sensor line plant branch depot clinic "
    "hub centre center microsite intranet extranet chat wiki newsletter brochure process "
    "procedure standard certification handbook curriculum"
)
OUR_WORK = family(
    "feature story bug release deployment experiment test campaign email notification webinar "
    "sprint commit ticket task point epic workshop training interview reminder newsletter push "
    "velocity milestone deliverable backlog project patch integration page version line advert "
    "pullrequest pr ad promotion call message sms update jira meter device charger sensor terminal "
    "router camera kiosk"
)

# --- what users make, use, start and feel ---------------------------------------------------------
MADE_THINGS = family(
    "feedback content review comment post listing playlist photo upload profile question thread "
    "recipe "
    "board document note video template project plan report workspace page article story blog "
    "wiki tag design survey form event group album song track entry rating-count mashup message "
    "reply answer contribution submission file folder task item repository dashboard collection "
    "pin snippet idea suggestion bookmark tweet reel clip testimonial annotation highlight "
    "caption subtitle translation quiz poll badge avatar character mod skin meme gif sketch "
    "drawing painting fundraiser cookbook diary journal log dataset model macro notebook"
)
MAKE = family(
    "edit record draw "
    "create upload post write publish make ask add share submit generate record compose draft "
    "save tag contribute send build author leave list fill founded"
)
USE = family(
    "use try adopt enable activate view open click tap switch turn turnon install connect see "
    "launch explore visit access interact engage toggle configure watch read hover discover play "
    "select"
)
FEATURES = family(
    "feature report dashboard button tab widget filter bar wizard chatbot bot assistant "
    "calendar export integration template notification mode wishlist page screen tool module "
    "tutorial api planner builder editor map player scanner calculator reminder alert badge "
    "menu banner popup modal tooltip tour walkthrough feed stories autopay autoplay autosave "
    "reply replies plugin extension shortcut functionality option setting view panel inbox app "
    "copilot recommendation recommendations search chat whiteboard toolbar portal checklist "
    "simulator video intro demo faq guide hint tracker lens sticker emoji coupon voucher "
    "leaderboard quiz checker finder configurator locator estimator scheduler organiser "
    "organizer visualiser visualizer monitor summariser summarizer companion log archive "
    "timeline heatmap sidebar keyboard playlist forum helpline hotline kiosk handbook playbook"
)
UPSTREAM_THINGS = family(
    "claim application appointment booking trial cart quote request demo cv cvs resume callback "
    "viewing waitlist shortlist tender enrolment enrollment invitation invite referral "
    "prescription proposal bid key draft checkout reservation wishlist start search interview "
    "offer order-started quotation estimate preorder enquiry inquiry consultation nomination "
    "pledge intake rsvp basket addtocart claim-filed submission admission screening tryout "
    "preregistration sample sampling testdrive pitch fitting preview rehearsal audition callout "
    "ballot permit"
)
UPSTREAM_VERBS = family(
    "file lodge apply enrol enroll register book request start begin signup initiate prescribe "
    "refer schedule order-test reserve addtocart pledge quote nominate preregister shortlist "
    "audition enquire inquire bid tender preorder waitlist"
)
SETUP = family(
    "onboarding registration signup profile tutorial setup kyc verification intake questionnaire "
    "welcome"
)
ARRIVE_THINGS = family(
    "lead signup registration download install traffic visit visitor candidate contact prospect "
    "mql attendee footfall hit registrant installation applicant impression-unique newcomer"
)
ATTENTION_THINGS = family(
    "pageview session click impression follower like login dau mau wau ctr open stream play "
    "scroll swipe stickiness view conversion engagement-rate share-count playtime watchtime fan "
    "subscriber-count reach mention clickthrough deflection containment launch-count eyeball "
    "pageload dwell glance tap airtime read readership viewership listenership"
)
ATTENTION_VERBS = family("view open click tap visit login browse scroll watch stream")

# --- business, people, sentiment ------------------------------------------------------------------
BUSINESS = family(
    "revenue sales sale turnover profit profitability margin ebitda ebit income mrr arr gmv "
    "cost expense opex spend cac ltv clv arpu arpa arppu aov valuation churn nrr grr roi roas "
    "payback premium aum deposit funding earnings cashflow overhead gdp capital bookings-value "
    "ndr billing proceeds surplus tpv gtv yield commission upsell occupancy revpar subsidy "
    "payroll takings receipts dividend equity writeoff chargeoff shrinkage endowment bookings- "
    "arpdau arpmau acv tcv cpm ecpm cpc cpa cpl rpm ebitdar gmroi roe roce fte liquidity"
)
COMPANY_THINGS = re.compile(
    r"\b(take rate|wallet share|per paying|in-app purchases?|ticket size|"
    r"(?:sales )?pipeline (?:value|coverage)|"
    r"(?:loss|combined) ratio|interest income|load factor|purchases? per|"
    r"(?:our|cloud|hosting|infrastructure|aws) (?:\w+ )?(?:bill|invoice)s?|"
    r"market (?:share|value|cap)|enterprise value|gross bookings|"
    r"(?:lifetime|order|ticket|cart|transaction) value|"
    r"basket (?:size|value)|share of (?:the )?market|"
    r"share price|cash flow|"
    r"deal size|contract value|assets under management|loan (?:book|volume)|customer base|"
    r"net promoter revenue|(?:net|gross|dollar|logo|revenue|customer|client|account) retention|"
    r"bottom line|top line|unit economics|gross merchandise|payment volume|transaction value|"
    r"share of wallet|cost per|burn rate|run rate|cross-?sell|return on)\b"
)
CUSTOMERS = family(
    "customer subscriber client account payer policyholder subscription logo contract deal "
    "member membership donor buyer"
)
PEOPLE = family(
    "technician engineer worker operator staff colleague representative adviser advisor "
    "consultant lawyer accountant pharmacist researcher scientist journalist editor writer "
    "artist musician broker trader investor analyst buyer caregiver carer mentor coach trainer "
    "instructor attendee resident commuter cyclist pilot user customer client subscriber member "
    "visitor reader listener viewer player student pupil teacher patient host guest seller "
    "driver rider courier freelancer developer merchant restaurant shop store company team "
    "account candidate employee borrower family parent doctor clinician nurse learner creator "
    "advertiser partner donor volunteer tenant landlord shopper people person agent supplier "
    "vendor provider citizen applicant recruiter employer tutor carrier shipper manager farmer "
    "school clinic hospital business organisation organization traveller traveler passenger fan "
    "gamer household hotel workspace midwife therapist dentist physician surgeon paramedic "
    "librarian officer inspector plumber electrician installer mechanic cook chef waiter "
    "cleaner guard soldier graduate apprentice trainee intern mother father child adult youth "
    "woman man elder pensioner retiree taxpayer voter claimant jobseeker refugee survivor "
    "inmate homeowner saver insurer dealer distributor wholesaler retailer reseller grower "
    "fisher miner producer smallholder cooperative crew operative picker packer dispatcher "
    "foreman designer marketer founder entrepreneur contractor supervisor director principal "
    "professor lecturer scholar athlete runner swimmer walker hiker diner author publisher "
    "streamer broadcaster moderator bidder auctioneer collector exhibitor speaker delegate "
    "sponsor municipality council village community farm factory office department branch "
    "enterprise startup sme firm agency institution university college laboratory pharmacy "
    "practice ward admin administrator owner renter cardholder lender participant tester reviewer "
    "contributor maintainer clerk cashier underwriter beginner consumer squad organiser organizer "
    "signer sender recipient respondent evaluator guardian mechanic"
)
SENTIMENT = family(
    "perceived nps csat satisfaction happiness rating sentiment ces sus trust delight mood "
    "favourability favorability wellbeing happy happier satisfied love perception star stars "
    "emoji-score likeability confidence promoter enps morale pleasure annoyance frustration "
    "anxiety esteem approval optimism recommendability"
)
VAGUE = family(
    "experience ux usability quality awareness efficiency productivity excellence innovation "
    "value simplicity loyalty engagement performance brand delight success culture collaboration "
    "agility relationship reputation communication ease visibility convenience journey relevance"
)
PARTS = family(
    "flow page screen checkout onboarding search app website site dashboard funnel navigation "
    "form process algorithm homepage menu interface ui design layout email notification signup "
    "pipeline workflow feature tool portal system paywall copy editor catalogue catalog "
    "recommendation feed registration landing platform software module product button"
)

# --- grammar --------------------------------------------------------------------------------------
MEASURES = family(
    "supply pool base inventory number share percentage percent proportion fraction rate count "
    "volume amount ratio average mean median total quantity frequency % portion level sum overall"
)
GENERIC = family(
    "rate score level index percentage share ratio count number volume total start completion "
    "quantity amount frequency figure size growth average"
)
STOPS = family(
    "of in on for by per from to with without while at into among across during through via "
    "between after before since within until over under above below that which who whose whom "
    "where when and or but so than as if because each every a an the against toward towards onto "
    "about it they we their its our"
)
ADJECTIVES = family(
    "daily weekly monthly quarterly yearly annual new total first active unique average mean "
    "median overall the a an our more fewer less all-time cumulative lifetime net gross most "
    "additional trailing rolling registered online mobile of number share percentage"
)
ADVERBS = family(
    "online early late daily weekly monthly yearly on off again successfully today hot cold "
    "correctly twice once"
)
# What people get done, with or without what we gave them.
ATTAIN = family(
    "achieve reach pass get finish solve resolve find earn save pay keep renew graduate recover "
    "shift reduce receive return meet buy order repay exceed gain lose stop quit cut complete land "
    "arrive stay learn master settle fulfil fulfill deliver sell hire come go eat sleep walk avoid"
)
AGAIN = family(
    "second again repeat repeatedly another twice third return returning comeback back later "
    "reorder renew stay"
)
GOOD = family(
    "qualified good high-quality accepted hired retained repeat returning successful completed "
    "fulfilled resolved answered paid useful relevant converted closed right delivered kept "
    "attended finished solved on-time loyal valuable profitable high-intent best-fit recurring "
    "approved engaged-buyer correct helpful well-rated vetted highintent highquality "
    "sales-accepted salesqualified productive effective suitable matching matched fitting"
)

_COMPOUNDS = (
    (r"\bsign[- ]?(?:ing )?(?:up|on)s?\b(?= (?:with|for|to|in|on)\b)", "signup"),
    (r"\b(sign|log)(?:ning|ging)[- ](?:up|in)\b", r"\1up"),
    (r"\b(?:sign|signed)[- ]up\b", "signup"), (r"\bsign[- ]ups\b", "signups"),
    (r"\b(?:log|logged)[- ]in\b", "login"), (r"\blog[- ]ins\b", "logins"),
    (r"\broll(?:ed|ing)?[- ]out\b", "rollout"), (r"\bset[- ]up\b", "setup"),
    (r"\bkick[- ]off\b", "kickoff"),
    (r"\b(?:turn|turned|switch|switched)[- ]on\b", "turnon"),
    (r"\bwish[- ]?lists?\b", "wishlist"), (r"\bwait(?:ing)?[- ]lists?\b", "waitlist"),
    (r"\be-mail", "email"),
    (r"\bpage[- ]views?\b", "pageviews"), (r"\bclick[- ]?throughs?\b", "clickthrough"),
    (r"\bwatch[- ]time\b", "watchtime"), (r"\bplay[- ]time\b", "playtime"),
    (r"\badd(?:s|ed)?[- ]to[- ](?:cart|basket|bag)s?\b", "addtocart"),
    (r"\bhigh[- ]quality\b", "highquality"), (r"\bhigh[- ]intent\b", "highintent"),
    (r"\bsales[- ]qualified\b", "salesqualified"), (r"\bauto[- ]pay\b", "autopay"),
    (r"\b(?:come|comes|came|coming) back\b", "comeback"), (r"\bpop[- ]ups?\b", "popup"),
    (r"\bpre[- ]orders?\b", "preorder"), (r"\bcash[- ]flow\b", "cashflow"),
    (r"\bfollow[- ]ups?\b", "followup"), (r"\b(?:pull|merge)[- ]request", "pullrequest"),
    (r"\bon[- ]time\b", "on-time"),
)  # fmt: skip

_IRREGULAR = {
    "sent": "send", "made": "make", "written": "write", "wrote": "write", "sold": "sell",
    "won": "win", "lost": "lose", "kept": "keep", "paid": "pay", "given": "give", "taken": "take",
    "held": "hold", "built": "build", "ran": "run", "spent": "spend", "found": "find",
    "seen": "see", "saw": "see", "shown": "show", "begun": "begin", "began": "begin",
    "left": "leave", "got": "get", "met": "meet", "grew": "grow", "cut": "cut", "said": "say",
    "grown": "grow", "people": "person", "criteria": "criterion", "replies": "reply",
    "enrolled": "enrol", "taught": "teach", "bought": "buy", "brought": "bring", "read": "read",
}  # fmt: skip


def joined(text: str) -> str:
    """Write words that belong together as one: "sign-ups" and "sign ups" alike.

    Parameters
    ----------
    text : str
        In lower case.

    Returns
    -------
    str

    Examples
    --------
    >>> joined("sign-ups from e-mail"), joined("customers who come back")
    ('signups from email', 'customers who comeback')
    """
    for pattern, word in _COMPOUNDS:
        text = re.sub(pattern, word, text)
    return text


def singular(word: str) -> str:
    """Take the plural off a noun.

    Parameters
    ----------
    word : str

    Returns
    -------
    str

    Examples
    --------
    >>> [singular(word) for word in ("stories", "leads", "business", "searches")]
    ['story', 'lead', 'business', 'search']
    """
    word = word.removesuffix("'s").removesuffix("'")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def in_family(word: str, base: frozenset[str]) -> bool:
    """Tell whether a word, in whatever form, belongs to a family.

    Parameters
    ----------
    word : str
        In lower case.
    base : frozenset of str
        The family, in base form.

    Returns
    -------
    bool

    Examples
    --------
    >>> in_family("shipped", DELIVER), in_family("creating", MAKE), in_family("sales", BUSINESS)
    (True, True, True)
    """
    if word in base or singular(word) in base or _IRREGULAR.get(word) in base:
        return True
    for ending in ("ing", "ed", "es", "d", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word[: -len(ending)]
            if stem in base or stem + "e" in base:
                return True
            if len(stem) > 2 and stem[-1] == stem[-2] and stem[:-1] in base:
                return True
            if stem.endswith("i") and stem[:-1] + "y" in base:
                return True
    return False
