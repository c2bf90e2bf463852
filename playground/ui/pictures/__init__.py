"""The pages of pictures: what they have beside what all live pages have.

page.py      the page of a picture set, or of the digits until its files are here
settings.py  what is behind Data, Picture and Settings
download.py  fetching a set that is not on this computer
"""
