segment "found_us" { when = "first_touch.class == 'search'" }

segment "by_expo" { when = "last_touch.source == 'expo' and first_touch.at >= '2026-10-01'" }

segment "slip" { when = "first_touch.sauce == 'expo'" } # ERROR: Unknown name

segment "never" { when = "last_touch.class == 'telepathy'" } # ERROR: Value that never comes

segment "of_tests" { when = "shown('hero') == ''" } # ERROR: Not to be read here
