# A fake board (fake_board.py) for the tests of a file: start_board in setup_file, stop_board in teardown_file.

# start_board FOLDER: listens until stop_board; port NAME says where.
start_board() {
    BOARD_FOLDER=$1
    mkfifo "$BOARD_FOLDER/in"
    python3 "$here/fake_board.py" "$BOARD_FOLDER" <"$BOARD_FOLDER/in" >"$BOARD_FOLDER/ports" 2>"$BOARD_FOLDER/log" 3>&- &
    BOARD_PID=$!
    exec 9>"$BOARD_FOLDER/in"
    for _ in $(seq 100); do
        ! grep -qx ready "$BOARD_FOLDER/ports" || break
        sleep 0.1
    done
    PORT=$(port plain)
    export BOARD_FOLDER BOARD_PID PORT
}

stop_board() {
    exec 9>&-
    kill "$BOARD_PID" 2>/dev/null || true
    wait "$BOARD_PID" 2>/dev/null || true
}

port() {
    sed -n "s/^$1 //p" "$BOARD_FOLDER/ports"
}

# shows STATUS-OPTION...: what the board's status is from now on.
shows() {
    python3 "$here/make_status.py" "$@" >"$BOARD_FOLDER/status.new"
    mv "$BOARD_FOLDER/status.new" "$BOARD_FOLDER/status.json"
}
