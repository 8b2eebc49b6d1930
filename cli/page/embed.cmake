# cmake -DFILES="index.html;…" -DFOLDER=… -DOUTPUT=page_assets.c -P embed.cmake
# The files as arrays of bytes, and the list of them.
set(types_html "text/html; charset=utf-8")
set(types_css "text/css; charset=utf-8")
set(types_js "text/javascript; charset=utf-8")

set(arrays "")
set(list "")
foreach(file ${FILES})
    file(READ "${FOLDER}/${file}" bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    string(MAKE_C_IDENTIFIER "${file}" name)
    get_filename_component(extension "${file}" LAST_EXT)
    string(SUBSTRING "${extension}" 1 -1 extension)
    string(REGEX REPLACE "^index\\.html$" "" path "${file}")
    string(APPEND arrays "static const unsigned char ${name}[] = {${bytes}};\n")
    string(APPEND list "    {\"/${path}\", \"${types_${extension}}\", ${name}, sizeof ${name}},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"cli/page/page.h\"\n\n${arrays}\n"
     "const vs_page_asset vs__page_assets[] = {\n${list}    {NULL, NULL, NULL, 0},\n};\n")
