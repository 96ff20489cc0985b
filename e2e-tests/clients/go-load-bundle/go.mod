module load-bundle

go 1.19
