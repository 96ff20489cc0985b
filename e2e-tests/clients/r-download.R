# R as its packages are downloaded: by download.file, with the method that it chooses itself.
arguments <- commandArgs(trailingOnly = TRUE)
if (identical(arguments, "--version")) {
  cat("R ", R.version$major, ".", sub("[.].*", "", R.version$minor), " download.file\n", sep = "")
  quit()
}
options(timeout = 5, warn = 2)
for (url in arguments) {
  file <- tempfile()
  tryCatch({
    download.file(url, file, quiet = TRUE)
    cat("ok ", url, "\n", sep = "")
  }, error = function(error) cat("failed ", url, ": ", conditionMessage(error), "\n", sep = ""))
  unlink(file)
}
