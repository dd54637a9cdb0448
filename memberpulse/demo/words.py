"""What people of the demo say and ask for."""

PAGES = ["/dashboard", "/dashboard", "/dashboard", "/members", "/members", "/announcements"]

ANNOUNCEMENTS = [
    ("Saturday repair clinic", "Doors open at ten. Three benches, two kettles. Bring the lead with the appliance."),
    ("The long ladder is back", "New feet, new rope, same height. It goes out again from tomorrow morning."),
    ("Volunteers for the spring sort", "We empty every drawer on the 28th. Four hands are still missing from noon on."),
    ("Quiet hour at the counter", "Tuesdays from two to three there is no power tool demonstration and no radio."),
    ("Blades due for sharpening", "Put dull planes and chisels into the grey crate by Thursday evening."),
    ("The kiln has a booking sheet", "Half days only for now, so that the wiring can cool down in between."),
    ("Found: one brass thimble", "It lay under the sewing bench. Describe it at the counter and it is yours."),
    ("Glue workshop moved", "Same evening, but in the back room. The front smells of varnish until Friday."),
    ("Two new cordless drills", "Both take the batteries we have. Ask for a chuck key, they come without."),
    ("Return shelf by the door", "If nobody is at the counter, leave the tool there and write your name on the slate."),
    ("Bicycle stand is free again", "The wheel truing jig moved to bench four. Spokes are in the tin above it."),
    ("Key holders for August", "Six evenings have no key holder yet. The list hangs beside the tea."),
    ("Paint swap on Sunday", "Bring what is left over, take what you need. Lids on, labels readable."),
    ("The band saw rests", "Its guard is on order. Use the scroll saw until the new one is fitted."),
    ("Members' breakfast", "First Sunday of the month at nine. Somebody bakes, somebody washes up."),
    ("Safety glasses at every bench", "There are new ones in the drawers. Wear them even for one quick cut."),
    ("Thank you for the wood", "The old pews gave forty clear boards. Take two, leave a note of what becomes of them."),
    ("Lost property goes on Monday", "What nobody claims by then goes to the swap table."),
]

REQUESTS = [
    ("file", "Safety sheet for the band saw", "Two pages for the shelf of manuals, with the new guard."),
    ("payout", "£84.00 for sanding belts", "Forty belts for the repair clinic. The receipt is in the blue folder."),
    ("charity", "Fernhill Food Bank", "Open three days a week in the old post office, and short of a chest freezer."),
    ("general", "A key for the wood shop", "I hold the beginners’ evening, and the door is locked when I come."),
    ("general", "The back room on Friday", "Six of us would like to mend the puppet theatre before the school fair."),
    ("file", "Plan of the new shelves", "Drawn to scale, with the load of each board."),
    ("payout", "£31.50 for glue and clamps", "Bought for the chair workshop, because the old ones had dried out."),
    ("general", "A stall at the spring market", "It costs nothing, and we could show the sharpening wheel."),
    ("charity", "Riverside Night Shelter", "Asks for hand tools to furnish four rooms."),
]
"""Kind, what is asked for, and why."""

DECIDED = [
    ("general", "A second key for the kiln room", ""),
    ("file", "Price list of the timber yard", "Thank you, it hangs beside the saw now."),
    ("charity", "Fernhill Raffle Fund", "It is not registered as a charity, so nothing can be given to it."),
    ("payout", "£120.00 for the extractor’s filter", ""),
    ("general", "The long bench on Sundays", "Sweep it before you go, and it is yours until June."),
    ("file", "Photographs of the open day", ""),
    ("general", "A radio in the sewing room", "The quiet hour is there for those who cannot work beside one."),
    ("charity", "Hill Street Allotments", ""),
    ("payout", "£46.20 for bicycle spokes", ""),
]
"""Kind, what was asked for, and the reason that was given."""

HARBOUR_ANNOUNCEMENTS = [
    ("Ebb tide on Sunday", "We launch at half past seven or not at all. Coxes decide at the slip."),
    ("The blue quad is out of the water", "A rib needs glue. Back by the weekend if the resin holds."),
]

REPAIRS = [
    "Kettle trips the fuse",
    "Bike, rear brake rubs",
    "Desk lamp flickers",
    "Two chair legs to glue",
    "Child’s bike, wheel and chain",
    "Radio, no sound on FM",
    "Toaster lever will not stay",
    "Headphones, loose wire",
    "Scooter, front wheel",
    "Clock stopped",
    "Rucksack zip",
    "Sewing machine jams",
    "Coffee grinder, blunt",
    "Trousers, torn pocket",
    "Hair dryer smells burnt",
    "Garden shears, stiff",
    "Laptop hinge",
    "Umbrella, broken rib",
    "Food mixer, worn gear",
    "Puppet lost an arm",
    "Bread knife, loose handle",
    "Torch, corroded contacts",
    "Pushchair, brake",
    "Picture frame",
]

WALK_INS = [
    "Mrs Whitmore",
    "A neighbour",
    "Paul from the bakery",
    "Ottoline",
    "Mr Achebe",
    "The florist",
    "Bea and Tom",
]

SAID = [
    (5, "My grandmother’s radio plays again. Thank you, Priya!"),
    (5, "Quick, kind, and I learned how to do it myself."),
    (4, "A bit of a wait, but the screen was right to the minute."),
    (5, ""),
    (4, "Could not be saved, but they told me why."),
    (5, "The children watched the whole time."),
    (3, "Too warm in there by noon."),
    (4, ""),
]
