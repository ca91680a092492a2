"""The commands of `leadlag` but for `rank`: one file each, registered in `leadlag.cli`."""
