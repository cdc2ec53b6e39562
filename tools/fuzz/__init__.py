"""A fuzzer for everything that Mien reads from strangers.

main.py      the command line: mutate, try, keep what was taken badly
child.py     one input in a process of its own, with limits
guards.py    which sockets and files were opened, as the kernel tells it
formats.py   the formats: good samples, how they are mutated, what reads them
samples.py   good samples of documents and art;  sounds.py  of sound
octets.py    mutations of bytes;  trees.py  of TOML, JSON and XML;  blocks.py  of files made of chunks;
zips.py      of archives
"""
