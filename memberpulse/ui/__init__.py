"""The UI kit: theme, layout, pages, live data and components. It knows no domain."""
