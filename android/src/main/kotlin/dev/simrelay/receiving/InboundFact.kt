package dev.simrelay.receiving

import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.DataInputStream
import java.io.DataOutputStream
import java.io.IOException

/**
 * What a broadcast brought, unread: enough to tell it now, or to write it down and tell it later.
 */
class InboundFact(
    val kind: Kind,
    /** "3gpp" or "3gpp2"; of a WAP push "". */
    val format: String,
    /** The PDUs of one message, in order; of a WAP push its body. */
    val pdus: List<ByteArray>,
    /** The slot of the SIM, 0-based; -1 if the broadcast does not say. */
    val slot: Int,
    /** The platform's id of the SIM; -1 if the broadcast does not say. */
    val subscription: Int,
    /** Random, one per broadcast: told twice it is one message. */
    val key: String,
    /** Of a part that we sent; of nothing else. */
    val result: Result? = null,
) {
    enum class Kind { SMS, DATA_SMS, WAP_PUSH, PART_SENT, PART_REPORTED }

    /** What the platform said of a part: the address of the part, its result code and `errorCode`. */
    class Result(val address: String, val code: Int, val cause: Int)

    fun encode(): ByteArray {
        val bytes = ByteArrayOutputStream()
        DataOutputStream(bytes).run {
            writeInt(VERSION)
            writeUTF(kind.name)
            writeUTF(format)
            writeInt(slot)
            writeInt(subscription)
            writeUTF(key)
            writeInt(pdus.size)
            for (pdu in pdus) {
                writeInt(pdu.size)
                write(pdu)
            }
            if (result != null) {
                writeUTF(result.address)
                writeInt(result.code)
                writeInt(result.cause)
            }
        }
        return bytes.toByteArray()
    }

    companion object {
        private const val VERSION = 1
        private const val MOST_BYTES = 1 shl 20

        /** Reads what [encode] wrote; anything else is an [IOException]. */
        fun decode(bytes: ByteArray): InboundFact = DataInputStream(ByteArrayInputStream(bytes)).run {
            val version = readInt()
            if (version != VERSION) throw IOException("version $version is not known")
            val name = readUTF()
            val kind = Kind.values().find { it.name == name } ?: throw IOException("kind $name is not known")
            val format = readUTF()
            val slot = readInt()
            val subscription = readInt()
            val key = readUTF()
            val pdus = List(bounded(readInt())) { ByteArray(bounded(readInt())).also(::readFully) }
            val ofPart = kind == Kind.PART_SENT || kind == Kind.PART_REPORTED
            val result = if (ofPart) Result(readUTF(), readInt(), readInt()) else null
            InboundFact(kind, format, pdus, slot, subscription, key, result)
        }

        private fun bounded(size: Int): Int =
            if (size in 0..MOST_BYTES) size else throw IOException("a size of $size is not believed")
    }
}
