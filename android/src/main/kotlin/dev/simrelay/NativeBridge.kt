package dev.simrelay

/**
 * The Rust core, as `libsimrelay.so` exports it. All logic is there; the shell only tells facts.
 *
 * Unknown is 0 or "". Errors: a bad argument is an [IllegalArgumentException], a failure (store, not
 * open) an [IllegalStateException], a panic an [AssertionError], each with its text. Every function but
 * [open] and [status] fails before [open] with "open the gateway first". All of them may wait for the
 * disk, so none is called on the main thread.
 */
object NativeBridge {
    init {
        // The tests load the host's build from a path; on a phone the library lies in the APK.
        val path = System.getProperty("simrelay.library")
        if (path == null) System.loadLibrary("simrelay") else System.load(path)
    }

    /**
     * Opens the data directory, or makes it. Harmless when it is open already.
     *
     * [device] is the JSON of [dev.simrelay.device.DeviceFacts]. Without [mayMigrate], as inside a
     * broadcast, it fails instead of bringing an older schema up to date.
     */
    external fun open(directory: String, device: String, callbacks: NativeCallbacks, mayMigrate: Boolean)

    /** Begins to deliver, and with [serveApi] to serve the API. Again: new roots, and the API too. */
    external fun start(trustRoots: Array<ByteArray>, serveApi: Boolean)

    /** Ends delivering and the API. What comes in is still kept. */
    external fun stop(timeoutMillis: Long)

    /** The 3GPP PDUs of one message. Answers its id once it is on the disk; refuses what it cannot decode. */
    external fun smsReceived(pdus: Array<ByteArray>, simNumber: Int, deliveryKey: String): String

    /** A text message as the framework decoded it. */
    external fun textReceived(
        sender: String,
        text: String,
        sentAtMillis: Long,
        simNumber: Int,
        deliveryKey: String,
    ): String

    /** A data message as the framework decoded it. */
    external fun dataReceived(
        sender: String,
        data: ByteArray,
        sentAtMillis: Long,
        simNumber: Int,
        deliveryKey: String,
    ): String

    /** The body of a WAP push of type `application/vnd.wap.mms-message`: an M-Notification.ind. */
    external fun mmsNotified(pdu: ByteArray, simNumber: Int, deliveryKey: String): String

    /** A whole MMS: [message] as JSON (see [dev.simrelay.receiving.MmsMessage]), [data] in the order of its attachments. */
    external fun mmsDownloaded(message: String, data: Array<ByteArray>, deliveryKey: String): String

    /** The platform's result for a part of a message that we sent: its code, and `errorCode` or 0. On the disk when this returns. */
    external fun partSent(
        messageId: String,
        recipient: Int,
        part: Int,
        parts: Int,
        simNumber: Int,
        resultCode: Int,
        cause: Int,
    )

    /** The other network's report of a part, a 3GPP SMS-STATUS-REPORT; refuses what it cannot read. */
    external fun partReported(messageId: String, recipient: Int, part: Int, parts: Int, simNumber: Int, pdu: ByteArray)

    /** The same in a network of 3GPP2: [android.telephony.SmsMessage.getStatus] of it. */
    external fun partReported3gpp2(messageId: String, recipient: Int, part: Int, parts: Int, simNumber: Int, status: Int)

    /** [transport] and [cellular] are the numbers of the health checks of the same name. */
    external fun networkChanged(online: Boolean, transport: Int, cellular: Int)

    /** As in [open]; what is left out stays as it was. */
    external fun deviceChanged(device: String)

    /** The certificates that the phone trusts changed; DER. */
    external fun trustChanged(trustRoots: Array<ByteArray>)

    /** An alarm fired, or the clock or its zone was set. */
    external fun wake()

    /** JSON `{user?, password?, port?}`; refuses a bad value with a sentence. */
    external fun setAccess(access: String)

    /** JSON, see [Status]. */
    external fun status(): String

    /**
     * Reads the phone's own messages by [NativeCallbacks.inboxRows] and makes events of those that no
     * broadcast told of; answers how many.
     */
    external fun reconcile(): Int

    /** A path that signs in whoever opens it first, within five minutes. A secret. */
    external fun signInPath(): String
}
