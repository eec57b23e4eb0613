"""Reports: numbers and pictures of a study, and one page that holds them."""
