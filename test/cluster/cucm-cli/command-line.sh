#!/bin/sh
# Plays the command line of CUCM on a real terminal, for the tests. State is in the folder $1; everything that is
# typed is written down there.
cd "$1" || exit 1
stty -echoctl 2>/dev/null

ask() { # question → $answer
  printf '%s' "$1"
  read -r answer || exit 0
  printf '%s\n' "$answer" >>typed
}

ask_secret() {
  stty -echo
  ask "$1"
  stty echo
  printf '\n'
}

mode() { cat mode; }

show_ctl() {
  if [ ! -f CTLFile.tlv ]; then
    echo 'Length of CTL file: 0'
    echo 'CTL File not found. Please run CTLClient plugin or run the CLI - utils ctl.. to generate the CTL file.'
    echo 'Error parsing the CTL File.'
    return
  fi
  echo 'The checksum value of the CTL file:'
  echo "$(md5sum <CTLFile.tlv | cut -d' ' -f1)(MD5)"
  echo "$(sha1sum <CTLFile.tlv | cut -d' ' -f1)(SHA1)"
  echo
  echo "Length of CTL file: $(wc -c <CTLFile.tlv | tr -d ' ')"
  echo 'The CTL File was last modified on Fri Mar 06 21:56:07 CET 2015'
  echo
  printf '\033[1mPress <enter> for 1 line, <space> for one page, or <q> to quit\033[0m'
  stty -icanon -echo
  dd bs=1 count=1 2>/dev/null >>typed
  stty icanon echo
  printf '\r\033[K'
  echo 'The CTL file was verified successfully.'
}

restart_line='Please Restart the TFTP and Cisco CallManager services on all nodes in the cluster that run these services'

utils_ctl() { # question, work, its word, done
  if [ -f no-licence ]; then
    echo 'Command cannot be executed because the Unified Communications Manager cluster is not registered to a Smart/Virtual Account with Allow export-controlled functionality.'
    return
  fi
  ask "$1 Do you want to continue? (y/n):"
  [ "$answer" = y ] || return
  printf '\n%s\n' "$2"
  # Longer than the silence after which a question would be one.
  if [ -f stuck ]; then sleep 100; else sleep 0.5; fi
  eval "$3"
  printf '%s\n%s\n' "$4" "$restart_line"
}

push() { # file
  printf 'Please wait while the system is gathering files info ...done.\nSub-directories were not traversed.\n'
  printf 'Number of files affected: 1\nTotal size in Bytes: 2517\nTotal size in Kbytes: 2.458\n'
  ask 'Would you like to proceed [y/n]? '
  [ "$answer" = y ] || return
  ask 'SFTP server IP: '
  ask 'SFTP server port [22]: '
  ask 'User ID: '
  ask_secret 'Password: '
  printf '\n'
  ask 'Download directory: '
  printf '\n.\nTransfer completed.\n'
}

printf 'Command Line Interface is starting up, please wait ...\n\n   Welcome to the Platform Command Line Interface\n\n'
while :; do
  ask 'admin:'
  case $answer in
  '') ;;
  'show ctl') show_ctl ;;
  "run sql select paramname,paramvalue from processconfig where paramname='ClusterSecurityMode'")
    printf 'paramname           paramvalue\n=================== ==========\nClusterSecurityMode %s\n' "$(mode)"
    ;;
  'utils ctl set-cluster mixed-mode')
    utils_ctl 'This operation sets the cluster to Mixed mode.' 'Moving Cluster to Mixed Mode' \
      'echo 1 >mode; echo tokenless >CTLFile.tlv' 'Cluster set to Mixed Mode'
    ;;
  'utils ctl set-cluster non-secure-mode')
    utils_ctl 'This operation will set the cluster to non secure mode.' 'Moving Cluster to Non Secure Mode' \
      'echo 0 >mode' 'Cluster set to Non Secure Mode'
    ;;
  'utils ctl update CTLFile')
    utils_ctl 'This operation updates the CTLFile.' 'Updating CTL file' 'echo update >>CTLFile.tlv' 'CTL file Updated'
    ;;
  'utils ctl reset localkey') echo 'CTL file signed' ;;
  'file list tftp *')
    ls -1
    printf 'dir count = 0, file count = %s\n' "$(ls -1 | wc -l | tr -d ' ')"
    ;;
  'file delete tftp CTLFile.tlv' | 'file delete activelog cm/tftpdata/CTLFile.tlv')
    printf 'Delete the File %s?\n' "${answer#file delete * }"
    ask 'Enter "y" followed by return to continue: '
    [ "$answer" = y ] && rm -f CTLFile.tlv && printf 'files: found = 1, deleted = 1\n'
    ;;
  'file get tftp '*) push "${answer#file get tftp }" ;;
  'utils service restart Cisco Tftp')
    echo 'Do not press Ctrl+C while the service is restarting. If the service has not restarted properly, execute the same command again.'
    echo 'Service Manager is running'
    printf 'Cisco Tftp[STOPPING]\nCisco Tftp[STARTING]\n'
    sleep 0.3
    echo 'Cisco Tftp[STARTED]'
    ;;
  *) printf 'No valid command entered\nExecuted command unsuccessfully\n' ;;
  esac
done
